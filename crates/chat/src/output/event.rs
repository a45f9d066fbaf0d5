//! What a parser tells.

use crate::json::Json;

/// A piece of an answer.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Some more of the text that is meant for the user.
    Text(String),
    /// Some more of what the model thought before.
    Reasoning(String),
    /// A tool call begins: its name is known.
    ToolCallBegin {
        /// Its place among the calls of this answer, from 0.
        index: usize,
        /// The tool.
        name: String,
        /// The call's own name, in formats that have one.
        id: Option<String>,
    },
    /// Some more of a call's arguments, as JSON text.
    ToolCallArguments {
        /// The call's place.
        index: usize,
        /// The text.
        text: String,
    },
    /// A tool call is complete.
    ToolCallEnd {
        /// The call's place.
        index: usize,
        /// The whole call.
        call: ToolCall,
    },
}

/// A complete tool call.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// The tool.
    pub name: String,
    /// Its arguments: an object, unless the model wrote something else; a string of what it wrote if that is no JSON.
    pub arguments: Json,
    /// The call's own name, in formats that have one.
    pub id: Option<String>,
}

impl Event {
    /// Puts neighbours of one kind together, so that the events do not show how the answer was cut.
    pub fn merge(events: Vec<Self>) -> Vec<Self> {
        let mut merged: Vec<Self> = Vec::new();
        for event in events {
            match (merged.last_mut(), &event) {
                (Some(Self::Text(last)), Self::Text(text)) => last.push_str(text),
                (Some(Self::Reasoning(last)), Self::Reasoning(text)) => last.push_str(text),
                (
                    Some(Self::ToolCallArguments {
                        index: known,
                        text: last,
                    }),
                    Self::ToolCallArguments { index, text },
                ) if known == index => last.push_str(text),
                _ => merged.push(event),
            }
        }
        merged
    }
}
