//! Tool calls on their way out.

use super::event::{Event, ToolCall};
use crate::json::Json;

#[derive(Debug)]
struct Open {
    name: String,
    id: Option<String>,
    arguments: String,
}

/// Writes the events of calls.
#[derive(Debug, Default)]
pub(super) struct Calls {
    pub(super) events: Vec<Event>,
    index: usize,
    open: Option<Open>,
}

impl Calls {
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    pub(super) fn begin(&mut self, name: &str, id: Option<String>) {
        self.end();
        self.events.push(Event::ToolCallBegin {
            index: self.index,
            name: name.to_owned(),
            id: id.clone(),
        });
        self.open = Some(Open {
            name: name.to_owned(),
            id,
            arguments: String::new(),
        });
    }

    /// A name of the call that comes behind its arguments.
    pub(super) fn set_id(&mut self, id: String) {
        if let Some(open) = &mut self.open {
            open.id.get_or_insert(id);
        }
    }

    /// Some more of the arguments of the open call.
    pub(super) fn arguments(&mut self, text: &str) {
        if let (Some(open), false) = (&mut self.open, text.is_empty()) {
            open.arguments.push_str(text);
            self.events.push(Event::ToolCallArguments {
                index: self.index,
                text: text.to_owned(),
            });
        }
    }

    pub(super) fn end(&mut self) {
        if self
            .open
            .as_ref()
            .is_some_and(|open| open.arguments.is_empty())
        {
            self.arguments("{}");
        }
        let Some(open) = self.open.take() else {
            return;
        };
        self.events.push(Event::ToolCallEnd {
            index: self.index,
            call: ToolCall {
                name: open.name,
                arguments: Json::parse(&open.arguments).unwrap_or(Json::String(open.arguments)),
                id: open.id,
            },
        });
        self.index += 1;
    }

    /// A whole call.
    pub(super) fn whole(&mut self, name: &str, arguments: &Json, id: Option<String>) {
        self.begin(name, id);
        self.arguments(&arguments.to_string());
        self.end();
    }
}
