//! JSON in and out.

use crate::error::{Error, Result};

/// Deeper nesting is refused.
const NESTING_MAX: usize = 64;

/// A JSON value; objects keep the order of their keys.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number without fraction or exponent that fits 64 bits.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Self>),
    /// An object.
    Object(Vec<(String, Self)>),
}

impl Json {
    /// Reads a whole text.
    ///
    /// # Errors
    /// [`Error::Json`] if the text is something else, or nests too deep.
    pub fn parse(text: &str) -> Result<Self> {
        let mut reader = Reader::new(text);
        let value = reader.value(0)?;
        reader.space();
        match reader.at == text.len() {
            true => Ok(value),
            false => reader.fail("the end of the text"),
        }
    }

    /// The value of a key, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(entries) => entries
                .iter()
                .find(|(known, _)| known == key)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }
}

impl std::fmt::Display for Json {
    /// Writes it without white space.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) if value.is_finite() => f.write_str(&crate::jinja::float(*value)),
            Self::Float(_) => f.write_str("null"),
            Self::String(text) => write_string(f, text),
            Self::Array(items) => {
                f.write_str("[")?;
                for (idx, item) in items.iter().enumerate() {
                    let comma = if idx > 0 { "," } else { "" };
                    write!(f, "{comma}{item}")?;
                }
                f.write_str("]")
            }
            Self::Object(entries) => {
                f.write_str("{")?;
                for (idx, (key, value)) in entries.iter().enumerate() {
                    f.write_str(if idx > 0 { "," } else { "" })?;
                    write_string(f, key)?;
                    write!(f, ":{value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

fn write_string(f: &mut std::fmt::Formatter<'_>, text: &str) -> std::fmt::Result {
    let mut out = String::with_capacity(text.len() + 2);
    text.chars()
        .for_each(|c| crate::jinja::push_escaped(&mut out, c, false));
    write!(f, "\"{out}\"")
}

/// Reads values one after the other.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    text: &'a str,
    pub(crate) at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn fail<T>(&self, expected: &'static str) -> Result<T> {
        Err(Error::Json {
            offset: self.at,
            expected,
        })
    }

    pub(crate) fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn take(&mut self, token: &str) -> bool {
        let is_there = self.rest().starts_with(token);
        self.at += if is_there { token.len() } else { 0 };
        is_there
    }

    pub(crate) fn value(&mut self, depth: usize) -> Result<Json> {
        if depth > NESTING_MAX {
            return self.fail("at most 64 arrays and objects in each other");
        }
        self.space();
        match self.rest().bytes().next() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Json::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.take("null") => Ok(Json::Null),
            _ if self.take("true") => Ok(Json::Bool(true)),
            _ if self.take("false") => Ok(Json::Bool(false)),
            _ => self.fail("a value"),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.take("]") {
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            if self.take("]") {
                return Ok(Json::Array(items));
            }
            if !self.take(",") {
                return self.fail("a comma or ]");
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json> {
        self.at += 1;
        let mut entries: Vec<(String, Json)> = Vec::new();
        let mut known = std::collections::BTreeMap::new();
        self.space();
        if self.take("}") {
            return Ok(Json::Object(entries));
        }
        loop {
            self.space();
            if !self.rest().starts_with('"') {
                return self.fail("a key in quotes");
            }
            let key = self.string()?;
            self.space();
            if !self.take(":") {
                return self.fail("a colon");
            }
            let value = self.value(depth + 1)?;
            // A key that comes twice has its last value.
            match known.get(&key) {
                Some(&idx) => entries[idx] = (key, value),
                None => {
                    known.insert(key.clone(), entries.len());
                    entries.push((key, value));
                }
            }
            self.space();
            if self.take("}") {
                return Ok(Json::Object(entries));
            }
            if !self.take(",") {
                return self.fail("a comma or }");
            }
        }
    }

    fn number(&mut self) -> Result<Json> {
        let rest = self.rest();
        let is_part = |c: char| c.is_ascii_digit() || "+-.eE".contains(c);
        let digits = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
        let unsigned = digits.strip_prefix('-').unwrap_or(digits).as_bytes();
        let is_zero_led = unsigned.len() > 1 && unsigned[0] == b'0' && unsigned[1].is_ascii_digit();
        let starts_well = unsigned.first().is_some_and(u8::is_ascii_digit)
            && !is_zero_led
            && !digits.ends_with('.');
        let int = digits.parse().ok().map(Json::Int);
        let float = || {
            digits
                .parse::<f64>()
                .ok()
                .filter(|value| value.is_finite())
                .map(Json::Float)
        };
        match int.or_else(float).filter(|_| starts_well) {
            Some(number) => {
                self.at += digits.len();
                Ok(number)
            }
            None => self.fail("a number"),
        }
    }

    pub(crate) fn string(&mut self) -> Result<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.rest();
            let Some(len) = rest.find(|c| c == '"' || c == '\\' || c < ' ') else {
                self.at = self.text.len();
                return self.fail("a quote at the end of the string");
            };
            out.push_str(&rest[..len]);
            self.at += len;
            match rest.as_bytes()[len] {
                b'"' => {
                    self.at += 1;
                    return Ok(out);
                }
                b'\\' => out.push(self.escape()?),
                _ => return self.fail("no control character in a string"),
            }
        }
    }

    fn escape(&mut self) -> Result<char> {
        let c = self.rest()[1..].chars().next();
        let plain = match c {
            Some('"' | '\\' | '/') => c,
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('u') => None,
            _ => return self.fail("an escape"),
        };
        if let Some(c) = plain {
            self.at += 2;
            return Ok(c);
        }
        let unit = |rest: &str| {
            let digits = rest.strip_prefix("\\u")?.get(..4)?;
            let is_hex = digits.bytes().all(|c| c.is_ascii_hexdigit());
            is_hex
                .then(|| u32::from_str_radix(digits, 16).ok())
                .flatten()
        };
        let Some(high) = unit(self.rest()) else {
            return self.fail("four hexadecimal digits");
        };
        self.at += 6;
        if (0xD800..0xDC00).contains(&high)
            && let Some(low) = unit(self.rest()).filter(|low| (0xDC00..0xE000).contains(low))
        {
            self.at += 6;
            let code = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        // Half a pair is no character.
        Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}
