//! An answer, taken apart while it comes.

use super::calls::Calls;
use super::event::Event;
use super::format::{CallSyntax, OutputFormat};
use super::input::{Found, Input};
use super::sections::{JsonSection, json_at};
use super::tagged::Tagged;
use crate::json::Json;

/// Where in the answer the parser is.
#[derive(Debug)]
pub(super) enum At {
    /// In the header of a message.
    Header,
    /// Behind a message.
    BetweenMessages,
    Text,
    Reasoning {
        close: &'static str,
    },
    /// In front of a name or a JSON value.
    NameOrJson,
    Json(JsonSection),
    Tagged(Tagged),
    /// Calls that are read when all of them are there.
    Whole {
        close: &'static str,
    },
    /// What stands behind a tag is a call in Python, or Python.
    Code,
    /// The message is the arguments.
    Arguments,
    Done,
}

/// What a text in the answer means.
#[derive(Debug, Clone, Copy)]
enum Meaning {
    Reasoning(&'static str),
    Calls,
    /// A call without the section that should be around it.
    BareCall,
    Skip,
    /// The end of reasoning that never began.
    StrayClose,
    MessageEnd,
    Stop,
}

/// Takes one answer apart. The events of an answer do not depend on how it was cut, but for where text, reasoning and
/// arguments are cut: [`Event::merge`] puts these together.
///
/// ```
/// use ggweb_chat::{Event, OutputFormat, OutputParser};
///
/// let mut parser = OutputParser::new(OutputFormat::by_name("hermes")?, false, None);
/// let mut events = parser.push("<think>Paris?</think>\n\n<tool_call>\n{\"name\": \"weather\", \"argu");
/// events.extend(parser.push("ments\": {\"city\": \"Paris\"}}\n</tool_call>"));
/// events.extend(parser.finish());
/// assert_eq!(events[0], Event::Reasoning("Paris?".to_owned()));
/// assert!(matches!(&events[1], Event::ToolCallBegin { name, .. } if name == "weather"));
/// # Ok::<(), ggweb_chat::Error>(())
/// ```
#[derive(Debug)]
pub struct OutputParser {
    pub(super) format: &'static OutputFormat,
    pub(super) tools: Option<Json>,
    /// Texts that end the answer.
    pub(super) stops: &'static [&'static str],
    pub(super) input: Input,
    pub(super) calls: Calls,
    pub(super) at: At,
    /// White space that is text only if text follows.
    pub(super) space: String,
    /// Whether white space that comes now belongs to a tag before it.
    pub(super) is_trimming: bool,
    /// Whether any text came since the last tag.
    pub(super) has_text: bool,
    /// Whether any reasoning came since its tag.
    has_reasoning: bool,
}

impl OutputParser {
    /// A parser at the beginning of an answer. `is_reasoning` says that the prompt has opened the reasoning
    /// ([`OutputFormat::is_reasoning_open`]); `tools`, as the template was given them, tell the types of arguments that
    /// the format writes as plain text.
    pub fn new(format: &'static OutputFormat, is_reasoning: bool, tools: Option<Json>) -> Self {
        let at = match (format.reasoning.first(), format.messages) {
            (Some((_, close)), _) if is_reasoning => At::Reasoning { close },
            (_, Some(_)) => At::Header,
            _ => At::Text,
        };
        Self {
            format,
            tools,
            stops: &[],
            input: Input::default(),
            calls: Calls::default(),
            is_trimming: is_reasoning,
            at,
            space: String::new(),
            has_text: false,
            has_reasoning: false,
        }
    }

    /// Ends the answer at the text of an end-of-generation token. For saved texts: in what a model streams there are no
    /// such texts, unless they are meant as text.
    #[must_use]
    pub fn with_stops(mut self) -> Self {
        self.stops = self.format.stops;
        self
    }

    /// Takes some more of the answer.
    pub fn push(&mut self, text: &str) -> Vec<Event> {
        self.input.push(text);
        self.run()
    }

    /// Takes the end of the answer.
    pub fn finish(&mut self) -> Vec<Event> {
        self.input.is_final = true;
        let mut events = self.run();
        self.end_of_answer();
        events.append(&mut self.calls.events);
        events
    }

    fn run(&mut self) -> Vec<Event> {
        while self.step() {}
        std::mem::take(&mut self.calls.events)
    }

    /// One step; false if it needs more text.
    fn step(&mut self) -> bool {
        match &mut self.at {
            At::Header => self.header(),
            At::BetweenMessages => self.between_messages(),
            At::Text => self.text(),
            At::Reasoning { close } => {
                let close = *close;
                self.reasoning(close)
            }
            At::NameOrJson => self.name_or_json(),
            At::Json(_) => self.json(),
            At::Tagged(_) => self.tagged(),
            At::Whole { close } => {
                let close = *close;
                self.whole(close)
            }
            At::Code => self.code(),
            At::Arguments => self.arguments(),
            At::Done => {
                self.input.skip(self.input.rest().len());
                false
            }
        }
    }

    /// What is left when nothing more comes.
    fn end_of_answer(&mut self) {
        let has_calls = match &self.at {
            At::Json(section) => section.has_calls,
            At::Tagged(tagged) => tagged.has_calls,
            _ => false,
        };
        let is_text = matches!(
            self.at,
            At::Text | At::Reasoning { .. } | At::Done | At::BetweenMessages
        );
        if self.calls.is_open() {
            self.calls.end();
        } else if !has_calls && !is_text {
            // What began like a call, and is none, is text.
            let rest = self.input.rest().len();
            self.input.skip(rest);
            let text = self.input.since_mark();
            self.emit_text(&text);
        }
        self.flush_space();
    }

    pub(super) fn emit_text(&mut self, text: &str) {
        let text = if self.is_trimming {
            text.trim_start()
        } else {
            text
        };
        if text.is_empty() {
            return;
        }
        self.is_trimming = false;
        self.space.push_str(text);
        let len = self.space.trim_end().len();
        if len > 0 {
            let space = self.space.split_off(len);
            let text = std::mem::replace(&mut self.space, space);
            self.calls.events.push(Event::Text(text));
            self.has_text = true;
        }
    }

    /// White space at the end of the answer is text, if any text is before it.
    fn flush_space(&mut self) {
        let space = std::mem::take(&mut self.space);
        if self.has_text && !space.is_empty() {
            self.calls.events.push(Event::Text(space));
        }
    }

    /// At a tag: white space around it is not text.
    pub(super) fn tag(&mut self) {
        self.space.clear();
        self.is_trimming = true;
        self.has_text = false;
        self.has_reasoning = false;
    }

    /// What has a meaning inside of text.
    fn meanings(&self) -> Vec<(&'static str, Meaning)> {
        let format = self.format;
        let mut all: Vec<(&'static str, Meaning)> = Vec::new();
        if !self.has_text {
            for (open, close) in format.reasoning {
                all.push((open, Meaning::Reasoning(close)));
                // Some templates close at once what they did not open.
                all.push((close, Meaning::StrayClose));
            }
        }
        match &format.calls {
            CallSyntax::None | CallSyntax::Recipient => {}
            CallSyntax::Json { open, .. } | CallSyntax::BareJson { open } => {
                all.extend(open.iter().map(|open| (*open, Meaning::Calls)));
            }
            CallSyntax::Named(named) if named.section.0.is_empty() => {
                all.push((named.open, Meaning::Calls));
            }
            CallSyntax::Named(named) => all.push((named.section.0, Meaning::Calls)),
            CallSyntax::Tags(tags) => {
                all.push((tags.section.0, Meaning::Calls));
                all.push((tags.section.1, Meaning::Skip));
                all.push((tags.call.open, Meaning::BareCall));
            }
            CallSyntax::Python { open, .. } | CallSyntax::Gemma { open, .. } => {
                all.push((open, Meaning::Calls));
            }
        }
        all.extend(format.skip.iter().map(|skip| (*skip, Meaning::Skip)));
        let ends = format.messages.map_or(&[][..], |messages| messages.ends);
        all.extend(ends.iter().map(|end| (*end, Meaning::MessageEnd)));
        all.extend(self.stops.iter().map(|stop| (*stop, Meaning::Stop)));
        all.retain(|(text, _)| !text.is_empty());
        all
    }

    fn text(&mut self) -> bool {
        if matches!(self.format.calls, CallSyntax::BareJson { .. })
            && !self.has_text
            && self.bare_json()
        {
            return true;
        }
        let meanings = self.meanings();
        let needles: Vec<&str> = meanings.iter().map(|(text, _)| *text).collect();
        let (at, idx) = match self.input.find(&needles) {
            Found::At(at, idx) => (at, idx),
            Found::None(safe) => {
                let text = self.input.take(safe);
                self.emit_text(&text);
                return false;
            }
        };
        let text = self.input.take(at);
        self.emit_text(&text);
        let (needle, meaning) = meanings[idx];
        if matches!(meaning, Meaning::Reasoning(_) | Meaning::StrayClose) && self.has_text {
            // Behind text a tag of reasoning is text. Without its text before it, it is found no more.
            return true;
        }
        self.input.mark();
        self.input.skip(needle.len());
        self.meet(meaning);
        true
    }

    /// An object at the beginning of the answer may be a call.
    fn bare_json(&mut self) -> bool {
        let rest = self.input.rest();
        let space = rest.len() - rest.trim_start().len();
        let is_next = |c: char| rest[space..].starts_with(c);
        // Calls may have semicolons between them.
        if self.is_trimming && is_next(';') {
            self.input.skip(space + 1);
            return true;
        }
        let is_object = is_next('{');
        if is_object {
            self.input.mark();
            self.input.skip(space);
            self.at = json_at("", false);
        }
        is_object
    }

    fn meet(&mut self, meaning: Meaning) {
        match meaning {
            Meaning::Reasoning(close) => {
                self.tag();
                self.at = At::Reasoning { close };
            }
            Meaning::Skip | Meaning::StrayClose => self.tag(),
            Meaning::MessageEnd => {
                self.flush_space();
                self.tag();
                self.at = At::BetweenMessages;
            }
            Meaning::Stop => {
                self.flush_space();
                self.at = At::Done;
            }
            Meaning::BareCall => self.at = At::Tagged(Tagged::new(false)),
            Meaning::Calls => {
                self.at = match &self.format.calls {
                    CallSyntax::Json {
                        close, is_keyed, ..
                    } => json_at(close, *is_keyed),
                    CallSyntax::BareJson { .. } => At::Code,
                    CallSyntax::Named(named) if named.section.0.is_empty() => At::NameOrJson,
                    CallSyntax::Named(_) | CallSyntax::Tags(_) => At::Tagged(Tagged::new(true)),
                    CallSyntax::Python { close, .. } | CallSyntax::Gemma { close, .. } => {
                        At::Whole { close }
                    }
                    CallSyntax::None | CallSyntax::Recipient => At::Text,
                };
                return;
            }
        }
        if !matches!(meaning, Meaning::BareCall) {
            self.input.forget_mark();
        }
    }

    fn reasoning(&mut self, close: &'static str) -> bool {
        let opens = self.format.reasoning.iter().map(|(open, _)| *open);
        let mut needles: Vec<&str> = vec![close];
        needles.extend(self.stops);
        let n_ends = needles.len();
        if !self.has_reasoning {
            // Some models open again what the prompt has opened.
            needles.extend(opens);
        }
        let found = self.input.find(&needles);
        let (Found::At(len, _) | Found::None(len)) = found;
        let text = self.input.take(len);
        self.emit_reasoning(&text);
        let Found::At(_, idx) = found else {
            return false;
        };
        if idx >= n_ends && self.has_reasoning {
            return true;
        }
        self.input.skip(needles[idx].len());
        if idx < n_ends {
            self.tag();
            let ends_message = self
                .format
                .messages
                .is_some_and(|messages| messages.ends.contains(&needles[idx]));
            self.at = match idx {
                0 if ends_message => At::BetweenMessages,
                0 => At::Text,
                _ => At::Done,
            };
        }
        true
    }

    /// White space around reasoning is dropped.
    fn emit_reasoning(&mut self, text: &str) {
        let text = if self.has_reasoning {
            text
        } else {
            text.trim_start()
        };
        self.space.push_str(text);
        let len = self.space.trim_end().len();
        if len > 0 {
            let space = self.space.split_off(len);
            let text = std::mem::replace(&mut self.space, space);
            self.calls.events.push(Event::Reasoning(text));
            self.has_reasoning = true;
        }
    }
}
