//! Calls whose name, and perhaps parameters, stand in tags.

use super::calls::Calls;
use super::format::{Head, Id, Named, Tags};
use super::input::{Found, Input};
use super::json_scan::{JsonScan, Scanned};
use super::value::{declared_type, value};
use crate::json::Json;

/// How far a section of calls was read.
#[derive(Debug, Default)]
pub(super) enum TaggedAt {
    /// In front of a call, or behind all.
    #[default]
    Between,
    CallName,
    CallHead(String),
    Arguments(JsonScan),
    AfterArguments,
    Parameters,
    ParameterName,
    ParameterHead(String),
    ParameterValue {
        name: String,
        attributes: String,
    },
    /// Behind a call that no section is around, or behind the section.
    Done,
}

/// A section of calls that is being read.
#[derive(Debug, Default)]
pub(super) struct Tagged {
    pub(super) at: TaggedAt,
    /// Whether the section's own tag was there.
    pub(super) has_section: bool,
    /// Whether there was a call.
    pub(super) has_calls: bool,
    tool: String,
    n_parameters: usize,
}

impl Tagged {
    /// From behind the tag of a section, or of a call.
    pub(super) fn new(has_section: bool) -> Self {
        Self {
            at: if has_section {
                TaggedAt::Between
            } else {
                TaggedAt::CallName
            },
            has_section,
            ..Self::default()
        }
    }

    /// Reads on; false if more text is needed.
    pub(super) fn named(&mut self, input: &mut Input, calls: &mut Calls, syntax: &Named) -> bool {
        match &mut self.at {
            TaggedAt::Between => self.between(input, syntax.open, syntax.section.1),
            TaggedAt::CallName => {
                let Some(head) = until(input, syntax.name_end) else {
                    return false;
                };
                let (name, id) = split_id(&head, syntax.id);
                self.begin(input, calls, name.trim(), id);
                self.at = TaggedAt::Arguments(JsonScan::default());
                true
            }
            TaggedAt::Arguments(scan) => {
                let is_done = pass_json(input, calls, scan);
                if is_done {
                    calls.end();
                    self.at = TaggedAt::AfterArguments;
                }
                is_done
            }
            TaggedAt::AfterArguments if syntax.close.is_empty() => self.behind_call(),
            TaggedAt::AfterArguments => {
                let ends = [syntax.close, syntax.section.1, syntax.open];
                match input.find(&ends) {
                    Found::At(at, idx) => {
                        input.skip(at + if idx == 0 { ends[0].len() } else { 0 });
                        self.behind_call()
                    }
                    Found::None(safe) => {
                        input.skip(safe);
                        false
                    }
                }
            }
            _ => false,
        }
    }

    /// Reads on; false if more text is needed.
    pub(super) fn tags(
        &mut self,
        input: &mut Input,
        calls: &mut Calls,
        syntax: &Tags,
        tools: Option<&Json>,
    ) -> bool {
        match &mut self.at {
            TaggedAt::Between => self.between(input, syntax.call.open, syntax.section.1),
            TaggedAt::CallName => {
                let Some(name) = name_in(input, syntax.call) else {
                    return false;
                };
                self.at = TaggedAt::CallHead(name.trim().to_owned());
                true
            }
            TaggedAt::CallHead(name) => {
                if until(input, syntax.call.head_end).is_none() {
                    return false;
                }
                let name = std::mem::take(name);
                self.begin(input, calls, &name, None);
                self.tool = name;
                self.n_parameters = 0;
                self.at = TaggedAt::Parameters;
                true
            }
            TaggedAt::Parameters => match input.find(&[syntax.parameter.open, syntax.call_close]) {
                Found::At(at, 0) => {
                    input.skip(at + syntax.parameter.open.len());
                    self.at = TaggedAt::ParameterName;
                    true
                }
                Found::At(at, _) => {
                    input.skip(at + syntax.call_close.len());
                    calls.arguments(if self.n_parameters > 0 { "}" } else { "{}" });
                    calls.end();
                    self.behind_call()
                }
                Found::None(safe) => {
                    input.skip(safe);
                    false
                }
            },
            _ => self.parameter(input, calls, syntax, tools),
        }
    }

    /// Reads on in a parameter.
    fn parameter(
        &mut self,
        input: &mut Input,
        calls: &mut Calls,
        syntax: &Tags,
        tools: Option<&Json>,
    ) -> bool {
        match &mut self.at {
            TaggedAt::ParameterName => {
                let Some(name) = name_in(input, syntax.parameter) else {
                    return false;
                };
                self.at = TaggedAt::ParameterHead(name.trim().to_owned());
                true
            }
            TaggedAt::ParameterHead(name) => {
                let Some(attributes) = until(input, syntax.parameter.head_end) else {
                    return false;
                };
                let name = std::mem::take(name);
                self.at = TaggedAt::ParameterValue { name, attributes };
                true
            }
            TaggedAt::ParameterValue { name, attributes } => {
                let Some(text) = until(input, syntax.parameter_close) else {
                    return false;
                };
                let declared =
                    declared_type(tools, &self.tool, name).or_else(|| attribute_type(attributes));
                let entry = parameter(self.n_parameters, name, &text, declared);
                calls.arguments(&entry);
                self.n_parameters += 1;
                self.at = TaggedAt::Parameters;
                true
            }
            _ => false,
        }
    }

    /// From here on the section is no plain text.
    fn begin(&mut self, input: &mut Input, calls: &mut Calls, name: &str, id: Option<String>) {
        calls.begin(name, id);
        self.has_calls = true;
        input.forget_mark();
    }

    /// Goes on to the next call if there may be one.
    fn behind_call(&mut self) -> bool {
        self.at = match self.has_section {
            true => TaggedAt::Between,
            false => TaggedAt::Done,
        };
        true
    }

    /// Looks for the next call, or the end of the section.
    fn between(&mut self, input: &mut Input, open: &str, close: &str) -> bool {
        // A section without a call in it yet stays plain text until there is one.
        match input.find(&[close, open]) {
            Found::At(at, 0) => {
                input.skip(at + close.len());
                self.at = TaggedAt::Done;
                true
            }
            Found::At(at, _) => {
                input.skip(at + open.len());
                self.at = TaggedAt::CallName;
                true
            }
            Found::None(safe) => {
                input.skip(safe);
                // Without anything in front of it a call begins at once.
                let begins = open.is_empty() && !input.is_empty();
                if begins {
                    self.at = TaggedAt::CallName;
                }
                begins
            }
        }
    }
}

/// Takes text up to `end`, and `end`; none if it is not there yet.
fn until(input: &mut Input, end: &str) -> Option<String> {
    if end.is_empty() {
        return Some(String::new());
    }
    match input.find(&[end]) {
        Found::At(at, _) => {
            let text = input.take(at);
            input.skip(end.len());
            Some(text)
        }
        Found::None(_) => None,
    }
}

fn name_in(input: &mut Input, head: Head) -> Option<String> {
    if !head.name_end.is_empty() {
        return until(input, head.name_end);
    }
    match input.find(&["\n", "<"]) {
        Found::At(at, _) => Some(input.take(at)),
        Found::None(_) => None,
    }
}

/// Passes a JSON value on; true at its end.
fn pass_json(input: &mut Input, calls: &mut Calls, scan: &mut JsonScan) -> bool {
    let (mut before, mut len, mut is_done) = (0, 0, false);
    for c in input.rest().chars() {
        match scan.feed(c) {
            Scanned::Before => before += c.len_utf8(),
            Scanned::Inside => len += c.len_utf8(),
            Scanned::Last => {
                len += c.len_utf8();
                is_done = true;
            }
            Scanned::After => is_done = true,
        }
        if is_done {
            break;
        }
    }
    input.skip(before);
    calls.arguments(&input.take(len));
    is_done
}

fn split_id(head: &str, id: Id) -> (&str, Option<String>) {
    match id {
        Id::None => (head, None),
        Id::Type(mark) => (head.split_once(mark).map_or(head, |(_, name)| name), None),
        Id::Before(mark) => match head.split_once(mark) {
            Some((id, name)) => (name, Some(id.trim().to_owned())),
            None => (head, None),
        },
        Id::After(mark) => match head.split_once(mark) {
            Some((name, id)) => (name, Some(id.trim().to_owned())),
            None => (head, None),
        },
        Id::Whole => {
            let name = head.trim();
            let name = name.strip_prefix("functions.").unwrap_or(name);
            let name = name.rsplit_once(':').map_or(name, |(name, _)| name);
            (name, Some(head.trim().to_owned()))
        }
    }
}

/// `"name":value` with what must stand before it.
fn parameter(n_before: usize, name: &str, text: &str, declared: Option<&str>) -> String {
    // Some put values on lines of their own.
    let text = text.strip_prefix('\n').unwrap_or(text);
    let text = text.strip_suffix('\n').unwrap_or(text);
    let before = if n_before > 0 { "," } else { "{" };
    format!(
        "{before}{}:{}",
        Json::String(name.to_owned()),
        value(text, declared)
    )
}

/// `string="true"` or `type="number"` behind a parameter's name.
fn attribute_type(attributes: &str) -> Option<&str> {
    if attributes.contains("string=\"true\"") {
        return Some("string");
    }
    if attributes.contains("string=\"false\"") {
        return Some("any");
    }
    let (_, after) = attributes.split_once("type=\"")?;
    after.split_once('"').map(|(declared, _)| declared)
}
