//! Calls that are JSON objects with a name and arguments.

use super::calls::Calls;
use super::input::Input;
use super::json_scan::{JsonScan, Scanned};
use crate::json::Json;

/// How the members are called.
const NAMES: [&str; 3] = ["name", "tool_name", "function"];
const ARGUMENTS: [&str; 3] = ["arguments", "parameters", "args"];
const IDS: [&str; 3] = ["id", "tool_call_id", "call_id"];

#[derive(Debug, Default)]
enum At {
    #[default]
    BeforeKey,
    Key(JsonScan, String),
    BeforeValue(String),
    Value {
        key: String,
        scan: JsonScan,
        text: String,
        /// Whether the value goes out while it comes in.
        is_streamed: bool,
    },
    AfterValue,
}

/// One object that is being read, from behind its brace.
#[derive(Debug, Default)]
pub(super) struct JsonCall {
    at: At,
    name: Option<String>,
    id: Option<String>,
    arguments: Option<String>,
    /// The first member, for objects that have the tool's name as key.
    first: Option<(String, String)>,
    n_members: usize,
}

/// How far an object was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// More text is needed.
    More,
    /// The object is complete, and was a call.
    Done,
    /// This is no call.
    NoCall,
}

impl JsonCall {
    /// Reads on.
    pub(super) fn read(
        &mut self,
        input: &mut Input,
        calls: &mut Calls,
        is_keyed: bool,
    ) -> Progress {
        loop {
            if let At::Value {
                is_streamed: true, ..
            } = self.at
            {
                if !self.stream(input, calls) {
                    return Progress::More;
                }
                continue;
            }
            let Some(c) = input.rest().chars().next() else {
                return Progress::More;
            };
            match &mut self.at {
                At::BeforeKey | At::AfterValue if c.is_whitespace() || c == ',' => {}
                At::BeforeKey | At::AfterValue if c == '}' => {
                    input.next();
                    return self.finish(calls, is_keyed);
                }
                At::BeforeKey | At::AfterValue if c == '"' => {
                    let mut scan = JsonScan::default();
                    scan.feed(c);
                    self.at = At::Key(scan, c.to_string());
                }
                At::BeforeKey | At::AfterValue => return Progress::NoCall,
                At::Key(scan, text) => {
                    text.push(c);
                    if scan.feed(c) == Scanned::Last {
                        let key = Json::parse(text).ok();
                        self.at = At::BeforeValue(
                            key.as_ref().and_then(Json::as_str).unwrap_or("").to_owned(),
                        );
                    }
                }
                At::BeforeValue(_) if c == ':' || c.is_whitespace() => {}
                At::BeforeValue(key) => {
                    // What is not text goes out at once; text may hold the arguments once more in quotes.
                    let is_streamed =
                        ARGUMENTS.contains(&key.as_str()) && self.name.is_some() && c != '"';
                    let key = std::mem::take(key);
                    self.begin_value(key, is_streamed, calls);
                    continue;
                }
                At::Value {
                    key, scan, text, ..
                } => match scan.feed(c) {
                    Scanned::Before => {}
                    Scanned::Inside => text.push(c),
                    ended => {
                        if ended == Scanned::Last {
                            text.push(c);
                        }
                        let (key, text) = (std::mem::take(key), std::mem::take(text));
                        self.member(key, text);
                        if ended == Scanned::After {
                            continue;
                        }
                    }
                },
            }
            input.next();
        }
    }

    fn begin_value(&mut self, key: String, is_streamed: bool, calls: &mut Calls) {
        if let (true, Some(name)) = (is_streamed, &self.name) {
            calls.begin(name, self.id.clone());
        }
        self.at = At::Value {
            key,
            scan: JsonScan::default(),
            text: String::new(),
            is_streamed,
        };
    }

    /// Passes arguments on; false if more are to come.
    fn stream(&mut self, input: &mut Input, calls: &mut Calls) -> bool {
        let At::Value { scan, .. } = &mut self.at else {
            return true;
        };
        let mut len = 0;
        let mut is_done = false;
        for c in input.rest().chars() {
            let scanned = scan.feed(c);
            if scanned != Scanned::After {
                len += c.len_utf8();
            }
            if matches!(scanned, Scanned::Last | Scanned::After) {
                is_done = true;
                break;
            }
        }
        calls.arguments(&input.take(len));
        if is_done {
            self.n_members += 1;
            self.at = At::AfterValue;
        }
        is_done
    }

    fn member(&mut self, key: String, text: String) {
        let string = || {
            Json::parse(&text)
                .ok()
                .and_then(|value| value.as_str().map(str::to_owned))
        };
        if NAMES.contains(&key.as_str()) && self.name.is_none() {
            self.name = string();
        } else if IDS.contains(&key.as_str()) {
            self.id = string();
        } else if ARGUMENTS.contains(&key.as_str()) {
            // Arguments in quotes are JSON inside JSON.
            self.arguments = Some(string().unwrap_or_else(|| text.clone()));
        }
        self.n_members += 1;
        self.first.get_or_insert((key, text));
        self.at = At::AfterValue;
    }

    fn finish(&mut self, calls: &mut Calls, is_keyed: bool) -> Progress {
        if calls.is_open() {
            if let Some(id) = self.id.take() {
                calls.set_id(id);
            }
            calls.end();
            return Progress::Done;
        }
        let call = match (self.name.take(), self.first.take()) {
            (Some(name), _) => Some((name, self.arguments.take().unwrap_or_default())),
            (None, Some((name, arguments))) if is_keyed && self.n_members == 1 => {
                Some((name, arguments))
            }
            _ => None,
        };
        match call {
            Some((name, arguments)) => {
                calls.begin(&name, self.id.take());
                calls.arguments(&arguments);
                calls.end();
                Progress::Done
            }
            None => Progress::NoCall,
        }
    }
}
