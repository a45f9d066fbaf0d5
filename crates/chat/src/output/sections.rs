//! The parser in sections of calls.

use super::format::CallSyntax;
use super::input::Found;
use super::json_calls::{JsonCall, Progress};
use super::parser::{At, OutputParser};
use super::tagged::{Tagged, TaggedAt};
use super::{gemma, pythonic};
use crate::json::Json;

/// A section of JSON objects.
#[derive(Debug)]
pub(super) struct JsonSection {
    close: &'static str,
    is_keyed: bool,
    is_in_array: bool,
    pub(super) has_calls: bool,
    object: Option<JsonCall>,
}

pub(super) fn json_at(close: &'static str, is_keyed: bool) -> At {
    At::Json(JsonSection {
        close,
        is_keyed,
        is_in_array: false,
        has_calls: false,
        object: None,
    })
}

impl OutputParser {
    /// Behind the calls, or behind what turned out to be none.
    pub(super) fn end_calls(&mut self, had_call: bool) {
        if had_call {
            self.input.forget_mark();
            self.tag();
        } else {
            let text = self.input.since_mark();
            self.emit_text(&text);
        }
        self.at = At::Text;
    }

    pub(super) fn name_or_json(&mut self) -> bool {
        let Some(c) = self.input.rest().chars().next() else {
            return false;
        };
        if c.is_whitespace() {
            self.input.skip(c.len_utf8());
        } else if matches!(c, '[' | '{') {
            self.at = json_at("", false);
        } else {
            self.at = At::Tagged(Tagged::new(false));
        }
        true
    }

    pub(super) fn json(&mut self) -> bool {
        let At::Json(section) = &mut self.at else {
            return false;
        };
        if let Some(object) = &mut section.object {
            let progress = object.read(&mut self.input, &mut self.calls, section.is_keyed);
            if self.calls.is_open() {
                self.input.forget_mark();
            }
            match progress {
                Progress::More => return false,
                Progress::NoCall => {
                    let was_open = self.calls.is_open();
                    self.calls.end();
                    self.end_calls(was_open);
                }
                Progress::Done => {
                    section.object = None;
                    section.has_calls = true;
                    self.tag();
                    let At::Json(section) = &self.at else {
                        return false;
                    };
                    let is_end = section.close.is_empty() && !section.is_in_array;
                    self.input.mark();
                    if is_end {
                        self.end_calls(true);
                    }
                }
            }
            return true;
        }
        let close = section.close;
        match self.input.find(&[close, "{", "[", "]"]) {
            Found::At(at, 0) => {
                let had_call = section.has_calls;
                self.input.skip(at + close.len());
                self.end_calls(had_call);
            }
            Found::At(at, idx) => {
                self.input.skip(at + 1);
                match idx {
                    1 => section.object = Some(JsonCall::default()),
                    2 => section.is_in_array = true,
                    _ if close.is_empty() => self.end_calls(true),
                    _ => {}
                }
            }
            Found::None(safe) => {
                self.input.skip(safe);
                return false;
            }
        }
        true
    }

    pub(super) fn tagged(&mut self) -> bool {
        let At::Tagged(tagged) = &mut self.at else {
            return false;
        };
        if matches!(tagged.at, TaggedAt::Done) {
            let had_call = tagged.has_calls;
            self.end_calls(had_call);
            return true;
        }
        match &self.format.calls {
            CallSyntax::Named(named) => tagged.named(&mut self.input, &mut self.calls, named),
            CallSyntax::Tags(tags) => {
                tagged.tags(&mut self.input, &mut self.calls, tags, self.tools.as_ref())
            }
            _ => false,
        }
    }

    pub(super) fn whole(&mut self, close: &'static str) -> bool {
        let mut needles = vec![close];
        needles.extend(self.stops);
        let len = match self.input.find(&needles) {
            Found::At(at, _) => at,
            Found::None(_) if self.input.is_final => self.input.rest().len(),
            Found::None(_) => return false,
        };
        let text = self.input.take(len);
        if self.input.rest().starts_with(close) {
            self.input.skip(close.len());
        }
        let calls = match &self.format.calls {
            CallSyntax::Gemma { quote, .. } => gemma::call(&text, quote).map(|call| vec![call]),
            _ => pythonic::calls(&text),
        };
        for (name, arguments) in calls.iter().flatten() {
            self.calls.whole(name, arguments, None);
        }
        self.end_calls(calls.is_some());
        true
    }

    pub(super) fn code(&mut self) -> bool {
        if self.input.rest().trim_start().starts_with('{') {
            self.at = json_at("", false);
            return true;
        }
        let len = match self.input.find(self.stops) {
            Found::At(at, _) => at,
            Found::None(_) if self.input.is_final => self.input.rest().len(),
            Found::None(_) => return false,
        };
        let text = self.input.take(len);
        let code = || {
            let code = Json::Object(vec![(
                "code".to_owned(),
                Json::String(text.trim().to_owned()),
            )]);
            vec![("python".to_owned(), code)]
        };
        for (name, arguments) in pythonic::calls(&text).unwrap_or_else(code) {
            let name = name.strip_suffix(".call").unwrap_or(&name);
            self.calls.whole(name, &arguments, None);
        }
        self.end_calls(true);
        true
    }
}
