//! Calls as Python writes them: `[name(key='value', other=[1, 2])]`.

use crate::json::Json;

/// How deep values may nest.
const NESTING_MAX: usize = 64;

/// Names and arguments; none if the text is something else.
pub(super) fn calls(text: &str) -> Option<Vec<(String, Json)>> {
    let mut reader = Reader { rest: text.trim() };
    let is_list = reader.take('[');
    let mut calls = Vec::new();
    loop {
        if is_list && reader.take(']') {
            break;
        }
        let name = reader.name()?;
        let mut arguments = Vec::new();
        if !reader.take('(') {
            return None;
        }
        while !reader.take(')') {
            let key = reader.name()?;
            if !reader.take('=') {
                return None;
            }
            arguments.push((key, reader.value(0)?));
            if !reader.take(',') && !reader.next_is(')') {
                return None;
            }
        }
        calls.push((name, Json::Object(arguments)));
        let has_more = reader.take(',') || reader.take(';');
        if !has_more && !is_list {
            break;
        }
    }
    reader.space();
    (reader.rest.is_empty() && !calls.is_empty()).then_some(calls)
}

#[derive(Debug)]
struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn next_is(&mut self, c: char) -> bool {
        self.space();
        self.rest.starts_with(c)
    }

    fn take(&mut self, c: char) -> bool {
        let is_next = self.next_is(c);
        if is_next {
            self.rest = &self.rest[c.len_utf8()..];
        }
        is_next
    }

    fn name(&mut self) -> Option<String> {
        self.space();
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
        let len = self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(len);
        self.rest = rest;
        (!name.is_empty()).then(|| name.to_owned())
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        if depth > NESTING_MAX {
            return None;
        }
        self.space();
        match self.rest.chars().next()? {
            quote @ ('"' | '\'') => self.string(quote).map(Json::String),
            '[' => self.items('[', ']', depth).map(Json::Array),
            '(' => self.items('(', ')', depth).map(Json::Array),
            '{' => {
                self.take('{');
                let mut entries = Vec::new();
                while !self.take('}') {
                    let key = match self.value(depth + 1)? {
                        Json::String(key) => key,
                        key => key.to_string(),
                    };
                    if !self.take(':') {
                        return None;
                    }
                    entries.push((key, self.value(depth + 1)?));
                    if !self.take(',') && !self.next_is('}') {
                        return None;
                    }
                }
                Some(Json::Object(entries))
            }
            _ => {
                let len = self
                    .rest
                    .find([',', ')', ']', '}', ':', ' ', '\n'])
                    .unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at(len);
                self.rest = rest;
                match word {
                    "True" => Some(Json::Bool(true)),
                    "False" => Some(Json::Bool(false)),
                    "None" => Some(Json::Null),
                    word => Json::parse(word).ok(),
                }
            }
        }
    }

    fn items(&mut self, open: char, close: char, depth: usize) -> Option<Vec<Json>> {
        self.take(open);
        let mut items = Vec::new();
        while !self.take(close) {
            items.push(self.value(depth + 1)?);
            if !self.take(',') && !self.next_is(close) {
                return None;
            }
        }
        Some(items)
    }

    fn string(&mut self, quote: char) -> Option<String> {
        let mut chars = self.rest[1..].char_indices();
        let mut out = String::new();
        while let Some((at, c)) = chars.next() {
            match c {
                c if c == quote => {
                    self.rest = &self.rest[1 + at + 1..];
                    return Some(out);
                }
                '\\' => match chars.next()?.1 {
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    'r' => out.push('\r'),
                    c @ ('\\' | '\'' | '"') => out.push(c),
                    c => out.extend(['\\', c]),
                },
                c => out.push(c),
            }
        }
        None
    }
}
