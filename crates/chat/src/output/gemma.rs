//! Calls as Gemma 4 writes them: `call:name{key:<|"|>text<|"|>,other:[1,true]}`.

use crate::json::Json;

/// How deep values may nest.
const NESTING_MAX: usize = 64;

/// Name and arguments; none if the text is something else.
pub(super) fn call(text: &str, quote: &str) -> Option<(String, Json)> {
    let text = text.trim();
    let text = text.strip_prefix("call:").unwrap_or(text);
    let (name, _) = text.split_once('{')?;
    let mut reader = Reader {
        rest: &text[name.len()..],
        quote,
    };
    let arguments = reader.value(0)?;
    let is_call = !name.trim().is_empty() && reader.rest.trim().is_empty();
    is_call.then(|| (name.trim().to_owned(), arguments))
}

#[derive(Debug)]
struct Reader<'a> {
    rest: &'a str,
    quote: &'a str,
}

impl Reader<'_> {
    fn take(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        if depth > NESTING_MAX {
            return None;
        }
        if self.take(self.quote) {
            return self.string().map(Json::String);
        }
        if self.take("{") {
            let mut entries = Vec::new();
            while !self.take("}") {
                let key = if self.take(self.quote) {
                    let key = self.string()?;
                    self.take(":").then_some(key)?
                } else {
                    let (key, rest) = self.rest.split_once(':')?;
                    self.rest = rest;
                    key.trim().to_owned()
                };
                entries.push((key, self.value(depth + 1)?));
                if !self.take(",") && !self.rest.starts_with('}') {
                    return None;
                }
            }
            return Some(Json::Object(entries));
        }
        if self.take("[") {
            let mut items = Vec::new();
            while !self.take("]") {
                items.push(self.value(depth + 1)?);
                if !self.take(",") && !self.rest.starts_with(']') {
                    return None;
                }
            }
            return Some(Json::Array(items));
        }
        let len = self.rest.find([',', '}', ']']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(len);
        self.rest = rest;
        match word.trim() {
            "" => None,
            word => Some(Json::parse(word).unwrap_or_else(|_| Json::String(word.to_owned()))),
        }
    }

    fn string(&mut self) -> Option<String> {
        let (text, rest) = self.rest.split_once(self.quote)?;
        self.rest = rest;
        Some(text.to_owned())
    }
}
