//! A chat template, and what it is given.

use std::sync::OnceLock;

use crate::error::{Error, Result};
use crate::jinja::{
    self, Budget, DateTime, Dict, Fault, List, ListKind, Origin, Program, Text, Value,
};
use crate::json::Json;
use crate::parts::{has_parts, joined};
use crate::prompt::Prompt;

/// What a render may cost beside what its conversation costs: evaluated nodes and bytes of text. Both are about 50 ms.
const STEPS_MAX: u64 = 300_000;
const BYTES_MAX: u64 = 32 << 20;

/// What each byte of the conversation adds to it.
const STEPS_PER_BYTE: u64 = 4;
const BYTES_PER_BYTE: u64 = 64;

/// What each message adds: some templates go through all messages for every one of them.
const STEPS_PER_MESSAGE: u64 = 4000;

/// A chat template, ready to render.
///
/// ```
/// use ggweb_chat::{Inputs, Json, Template};
///
/// let template = Template::parse("{% for m in messages %}<|{{ m.role }}|>{{ m.content | trim }}<|end|>{% endfor %}")?;
/// let messages = Json::parse(r#"[{"role": "user", "content": " Is <|end|> a token? "}]"#)?;
/// let prompt = template.render(&Inputs::new(messages))?;
/// assert_eq!(prompt.text(), "<|user|>Is <|end|> a token?<|end|>");
/// assert!(!prompt.segments[3].is_trusted);
/// # Ok::<(), ggweb_chat::Error>(())
/// ```
#[derive(Debug)]
pub struct Template {
    program: Program,
    source: String,
    /// Found out when it is first asked for.
    takes_parts: OnceLock<bool>,
}

/// What a template is given.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Inputs {
    /// The messages, an array of objects with `role` and `content` and whatever else the template reads.
    pub messages: Json,
    /// The tools, an array; without them the template finds no such name.
    pub tools: Option<Json>,
    /// Whether the prompt ends with the beginning of an answer.
    pub add_generation_prompt: bool,
    /// Whether the prompt ends inside the last message, so that it is continued.
    pub continue_final_message: bool,
    /// Further arguments, such as `enable_thinking`.
    pub arguments: Vec<(String, Json)>,
    /// The text of the token that begins a prompt.
    pub bos_token: String,
    /// The text of the token that ends an answer.
    pub eos_token: String,
    /// The time, for templates that write the date.
    pub now: Option<DateTime>,
}

impl Inputs {
    /// Messages alone.
    pub fn new(messages: Json) -> Self {
        Self {
            messages,
            tools: None,
            add_generation_prompt: false,
            continue_final_message: false,
            arguments: Vec::new(),
            bos_token: String::new(),
            eos_token: String::new(),
            now: None,
        }
    }

    /// Messages alone, or an object of `messages`, perhaps `tools`, and further arguments.
    ///
    /// # Errors
    /// [`Error::Conversation`] if it is neither.
    pub fn from_json(conversation: Json) -> Result<Self> {
        let Json::Object(entries) = conversation else {
            let inputs = Self::new(conversation);
            inputs.check()?;
            return Ok(inputs);
        };
        let mut inputs = Self::new(Json::Null);
        for (key, value) in entries {
            match key.as_str() {
                "messages" => inputs.messages = value,
                "tools" => inputs.tools = Some(value),
                "add_generation_prompt" => inputs.add_generation_prompt = value == Json::Bool(true),
                _ => inputs.arguments.push((key, value)),
            }
        }
        inputs.check()?;
        Ok(inputs)
    }

    fn check(&self) -> Result<()> {
        let Json::Array(messages) = &self.messages else {
            return Err(Error::Conversation {
                what: "messages".to_owned(),
                expected: "an array of messages, or an object that has one as \"messages\"",
            });
        };
        let wrong = messages
            .iter()
            .position(|message| message.get("role").and_then(Json::as_str).is_none());
        match wrong {
            Some(idx) => Err(Error::Conversation {
                what: format!("message {idx}"),
                expected: "an object with a string \"role\"",
            }),
            None => Ok(()),
        }
    }
}

impl Template {
    /// Parses a template.
    ///
    /// # Errors
    /// [`Error::Syntax`] with the line.
    pub fn parse(source: &str) -> Result<Self> {
        Ok(Self {
            program: jinja::parse(source)?,
            source: source.to_owned(),
            takes_parts: OnceLock::new(),
        })
    }

    /// The text that was parsed.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Writes the prompt of a conversation. Contents in parts that are all texts are joined for a template that knows
    /// nothing of parts.
    ///
    /// # Errors
    /// [`Error::Refused`] in the template's own words; [`Error::Render`] where the conversation is not what the template
    /// expects; [`Error::Limit`] if it takes too long; [`Error::NothingToContinue`].
    pub fn render(&self, inputs: &Inputs) -> Result<Prompt> {
        inputs.check()?;
        if inputs.continue_final_message && inputs.add_generation_prompt {
            return Err(Error::NothingToContinue);
        }
        if has_parts(&inputs.messages) && !self.takes_parts.get_or_init(|| self.takes_parts()) {
            let joined = joined(&inputs.messages);
            return self.run(&Inputs {
                messages: joined,
                ..inputs.clone()
            });
        }
        self.run(inputs)
    }

    /// Renders what was checked.
    pub(crate) fn run(&self, inputs: &Inputs) -> Result<Prompt> {
        let mut size = 0;
        let mut variables = vec![("messages", messages(inputs, &mut size)?)];
        if let Some(tools) = &inputs.tools {
            variables.push(("tools", value(tools, Origin::Input, &mut size)?));
        }
        variables.push((
            "add_generation_prompt",
            Value::Bool(inputs.add_generation_prompt),
        ));
        variables.push(("bos_token", Value::Str(Text::template(&inputs.bos_token))));
        variables.push(("eos_token", Value::Str(Text::template(&inputs.eos_token))));
        for (name, argument) in &inputs.arguments {
            variables.push((name, value(argument, Origin::Input, &mut size)?));
        }
        let n_messages = match &inputs.messages {
            Json::Array(messages) => messages.len() as u64,
            _ => 0,
        };
        let n_steps = STEPS_MAX + STEPS_PER_BYTE * size + STEPS_PER_MESSAGE * n_messages;
        let budget = Budget::new(n_steps, BYTES_MAX + BYTES_PER_BYTE * size);
        let text = jinja::run(&self.program, budget, inputs.now, variables).map_err(error)?;
        if !inputs.continue_final_message {
            return Ok(Prompt::of(&text, text.len()));
        }
        match text.end_of(Origin::Continued) {
            Some(end) => Ok(Prompt::of(&text, end)),
            None => Err(Error::NothingToContinue),
        }
    }
}

fn error((line, fault): (u32, Fault)) -> Error {
    match fault {
        Fault::Wrong(message) => Error::Render { line, message },
        Fault::Raised(message) => Error::Refused { message },
        Fault::Limit(limit) => Error::Limit { line, limit },
    }
}

/// The messages, with the content of the last one marked if it is to be continued.
fn messages(inputs: &Inputs, size: &mut u64) -> Result<Value> {
    let Json::Array(messages) = &inputs.messages else {
        return value(&inputs.messages, Origin::Input, size);
    };
    let mut values = Vec::with_capacity(messages.len());
    for (idx, message) in messages.iter().enumerate() {
        let is_continued = inputs.continue_final_message && idx + 1 == messages.len();
        let is_answer = message.get("role").and_then(Json::as_str) == Some("assistant");
        values.push(match message {
            Json::Object(entries) if is_continued && is_answer => {
                let entries = entries.iter().map(|(key, entry)| {
                    let origin = if key == "content" {
                        Origin::Continued
                    } else {
                        Origin::Input
                    };
                    Ok((
                        Value::Str(Text::new(key, Origin::Input)),
                        value(entry, origin, size)?,
                    ))
                });
                Dict::value(entries.collect::<Result<_>>()?).map_err(|fault| error((0, fault)))?
            }
            message => value(message, Origin::Input, size)?,
        });
    }
    List::value(ListKind::List, values).map_err(|fault| error((0, fault)))
}

/// A value of the conversation; `size` grows by about its bytes.
fn value(json: &Json, origin: Origin, size: &mut u64) -> Result<Value> {
    *size += 8;
    Ok(match json {
        Json::Null => Value::None,
        Json::Bool(value) => Value::Bool(*value),
        Json::Int(value) => Value::Int(*value),
        Json::Float(value) => Value::Float(*value),
        Json::String(text) => {
            *size += text.len() as u64;
            Value::Str(Text::new(text, origin))
        }
        Json::Array(items) => {
            let items = items
                .iter()
                .map(|item| value(item, origin, size))
                .collect::<Result<_>>()?;
            List::value(ListKind::List, items).map_err(|fault| error((0, fault)))?
        }
        Json::Object(entries) => {
            let entries = entries.iter().map(|(key, entry)| {
                *size += key.len() as u64;
                Ok((
                    Value::Str(Text::new(key, origin)),
                    value(entry, origin, size)?,
                ))
            });
            Dict::value(entries.collect::<Result<_>>()?).map_err(|fault| error((0, fault)))?
        }
    })
}
