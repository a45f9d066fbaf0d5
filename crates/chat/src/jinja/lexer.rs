//! Template text to tokens, with white space around tags cut as `trim_blocks` and `lstrip_blocks` ask for.

use crate::error::{Error, Result};

/// A template longer than this is none.
const SOURCE_BYTES_MAX: usize = 1 << 20;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// Text between tags.
    Text(String),
    VariableBegin,
    VariableEnd,
    BlockBegin,
    BlockEnd,
    Name(String),
    Str(String),
    Int(i64),
    Float(f64),
    Op(&'static str),
    End,
}

/// Longer ones first.
const OPERATORS: [&str; 26] = [
    "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}",
    ">", "<", "=", ".", ":", "|", ",", ";",
];

#[derive(Debug)]
struct Lexer<'a> {
    source: &'a str,
    at: usize,
    line: u32,
    tokens: Vec<(u32, Token)>,
}

/// Tokens with their lines; the last one is [`Token::End`].
pub(super) fn tokens(source: &str) -> Result<Vec<(u32, Token)>> {
    if source.len() > SOURCE_BYTES_MAX {
        return Err(Error::Syntax {
            line: 1,
            message: format!(
                "expected at most {SOURCE_BYTES_MAX} bytes, found {}",
                source.len()
            ),
        });
    }
    let source = source.replace("\r\n", "\n").replace('\r', "\n");
    let mut lexer = Lexer {
        // As in Jinja, one newline at the end is not part of the template.
        source: source.strip_suffix('\n').unwrap_or(&source),
        at: 0,
        line: 1,
        tokens: Vec::new(),
    };
    while lexer.text()? {}
    lexer.push(Token::End);
    Ok(lexer.tokens)
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.source[self.at..]
    }

    fn push(&mut self, token: Token) {
        self.tokens.push((self.line, token));
    }

    fn fail<T>(&self, message: impl Into<String>) -> Result<T> {
        Err(Error::Syntax {
            line: self.line,
            message: message.into(),
        })
    }

    fn skip(&mut self, n_bytes: usize) {
        let skipped = &self.source[self.at..self.at + n_bytes];
        self.line += skipped.matches('\n').count() as u32;
        self.at += n_bytes;
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.skip(rest.len() - rest.trim_start().len());
    }

    /// Text up to the next tag, and that tag; false at the end.
    fn text(&mut self) -> Result<bool> {
        let rest = self.rest();
        let mut braces = rest.match_indices('{').map(|(at, _)| at);
        let tag = braces.find(|at| rest[at + 1..].starts_with(['{', '%', '#']));
        let Some(tag) = tag else {
            self.push_text(self.at, self.source.len());
            self.skip(self.rest().len());
            return Ok(false);
        };
        let (start, kind, sign) = (
            self.at,
            rest.as_bytes()[tag + 1],
            rest[tag + 2..].chars().next(),
        );
        let is_line_start = self.at == 0 || self.source[..self.at].ends_with('\n');
        let mut text = &rest[..tag];
        if sign == Some('-') {
            text = text.trim_end();
        } else if sign != Some('+') && kind != b'{' {
            let line = text.rfind('\n').map_or(0, |newline| newline + 1);
            if (line > 0 || is_line_start) && text[line..].trim().is_empty() {
                text = &text[..line];
            }
        }
        let text_end = start + text.len();
        self.push_text(start, text_end);
        self.skip(tag + 2);
        if matches!(sign, Some('-' | '+')) {
            self.skip(1);
        }
        match kind {
            b'#' => self.comment()?,
            b'{' => {
                self.push(Token::VariableBegin);
                self.inside("}}", Token::VariableEnd)?;
            }
            _ if self.raw()? => {}
            _ => {
                self.push(Token::BlockBegin);
                self.inside("%}", Token::BlockEnd)?;
            }
        }
        Ok(true)
    }

    fn push_text(&mut self, start: usize, end: usize) {
        if start < end {
            self.push(Token::Text(self.source[start..end].to_owned()));
        }
    }

    fn comment(&mut self) -> Result<()> {
        match self.rest().find("#}") {
            None => {
                self.fail("expected #} at the end of the comment, found the end of the template")
            }
            Some(end) => {
                let sign = self.rest()[..end].chars().next_back();
                self.skip(end + 2);
                self.after_tag(sign);
                Ok(())
            }
        }
    }

    /// Cuts white space behind a block tag or comment that ended with `sign` before its last two characters.
    fn after_tag(&mut self, sign: Option<char>) {
        if sign == Some('-') {
            self.skip_space();
        } else if sign != Some('+') && self.rest().starts_with('\n') {
            self.skip(1);
        }
    }

    /// `raw %}text{% endraw %}`, if that is what follows.
    fn raw(&mut self) -> Result<bool> {
        let Some((_, len)) = tag_end(self.rest(), "raw") else {
            return Ok(false);
        };
        let sign = self.rest()[..len - 2].chars().next_back();
        self.skip(len);
        self.after_tag(sign);
        let rest = self.rest();
        let mut ends = rest.match_indices("{%").filter_map(|(at, _)| {
            let sign = rest[at + 2..]
                .chars()
                .next()
                .filter(|c| matches!(c, '-' | '+'));
            let inside = at + 2 + sign.map_or(0, char::len_utf8);
            tag_end(&rest[inside..], "endraw").map(|(_, len)| (at, sign, inside + len))
        });
        let Some((at, sign, len)) = ends.next() else {
            return self.fail("expected {% endraw %}, found the end of the template");
        };
        let text = if sign == Some('-') {
            rest[..at].trim_end()
        } else {
            &rest[..at]
        };
        self.push_text(self.at, self.at + text.len());
        let sign = self.rest()[..len - 2].chars().next_back();
        self.skip(len);
        self.after_tag(sign);
        Ok(true)
    }

    /// The tokens of a tag, and its end.
    fn inside(&mut self, end: &str, token: Token) -> Result<()> {
        let mut open: Vec<&'static str> = Vec::new();
        loop {
            self.skip_space();
            let rest = self.rest();
            if open.is_empty() {
                for (sign, has_sign) in [("-", true), ("+", end == "%}"), ("", true)] {
                    let rest = rest.strip_prefix(sign).filter(|_| has_sign);
                    if rest.is_some_and(|rest| rest.starts_with(end)) {
                        self.push(token);
                        self.skip(sign.len() + end.len());
                        match sign {
                            "" if end == "}}" => {}
                            sign => self.after_tag(sign.chars().next()),
                        }
                        return Ok(());
                    }
                }
            }
            let Some(first) = rest.chars().next() else {
                return self.fail(format!("expected {end}, found the end of the template"));
            };
            match first {
                '"' | '\'' => self.string(first)?,
                '0'..='9' => self.number()?,
                c if c == '_' || c.is_alphabetic() => {
                    let is_name = |c: char| c == '_' || c.is_alphanumeric();
                    let len = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
                    self.push(Token::Name(rest[..len].to_owned()));
                    self.skip(len);
                }
                _ => self.operator(&mut open)?,
            }
        }
    }

    fn operator(&mut self, open: &mut Vec<&'static str>) -> Result<()> {
        let rest = self.rest();
        let Some(&op) = OPERATORS.iter().find(|op| rest.starts_with(**op)) else {
            let found = rest.chars().next().unwrap_or(' ');
            return self.fail(format!("expected an expression, found {found:?}"));
        };
        match op {
            "(" => open.push(")"),
            "[" => open.push("]"),
            "{" => open.push("}"),
            ")" | "]" | "}" if open.pop() != Some(op) => {
                return self.fail(format!("found {op}, which nothing opened"));
            }
            _ => {}
        }
        self.push(Token::Op(op));
        self.skip(op.len());
        Ok(())
    }

    fn number(&mut self) -> Result<()> {
        let rest = self.rest().as_bytes();
        let digits = |from: usize| {
            rest[from..]
                .iter()
                .take_while(|c| c.is_ascii_digit() || **c == b'_')
                .count()
        };
        let is_digit = |at: usize| rest.get(at).is_some_and(u8::is_ascii_digit);
        let mut len = digits(0);
        let mut is_float = false;
        if rest.get(len) == Some(&b'.') && is_digit(len + 1) {
            is_float = true;
            len += 1 + digits(len + 1);
        }
        if matches!(rest.get(len), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(rest.get(len + 1), Some(b'+' | b'-')));
            if is_digit(len + 1 + sign) {
                is_float = true;
                len += 1 + sign + digits(len + 1 + sign);
            }
        }
        let text = self.rest()[..len].replace('_', "");
        let token = match is_float {
            true => text.parse().ok().map(Token::Float),
            false => text.parse().ok().map(Token::Int),
        };
        match token {
            Some(token) => self.push(token),
            None => {
                return self.fail(format!(
                    "expected a number of at most 64 bits, found {text}"
                ));
            }
        }
        self.skip(len);
        Ok(())
    }

    fn string(&mut self, quote: char) -> Result<()> {
        let rest = self.rest();
        let mut is_escaped = false;
        let end = rest.char_indices().skip(1).find(|(_, c)| {
            let is_end = *c == quote && !is_escaped;
            is_escaped = *c == '\\' && !is_escaped;
            is_end
        });
        let Some((end, _)) = end else {
            return self.fail(format!(
                "expected {quote} at the end of the string, found the end of the template"
            ));
        };
        let text = unescape(&rest[1..end]);
        self.push(Token::Str(text));
        self.skip(end + 1);
        Ok(())
    }
}

/// Whether `rest` goes on as the tag `name`: where the name ends, and where the tag ends.
fn tag_end(rest: &str, name: &str) -> Option<(usize, usize)> {
    let after = rest.trim_start().strip_prefix(name)?;
    let name_end = rest.len() - after.len();
    let after = after.trim_start();
    let after = after.strip_prefix(['-', '+']).unwrap_or(after);
    after
        .strip_prefix("%}")
        .map(|after| (name_end, rest.len() - after.len()))
}

/// Python's escapes; an unknown one stands for itself.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(c) = rest.chars().next() else {
            out.push('\\');
            break;
        };
        let n_hex = match c {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        let n_octal = rest
            .bytes()
            .take(3)
            .take_while(|c| (b'0'..=b'7').contains(c))
            .count();
        let code = match (n_hex, n_octal) {
            (0, 0) => None,
            (0, n) => u32::from_str_radix(&rest[..n], 8)
                .ok()
                .map(|code| (code, n)),
            (n, _) => rest
                .get(1..=n)
                .and_then(|hex| u32::from_str_radix(hex, 16).ok())
                .map(|code| (code, n + 1)),
        };
        let code = code.and_then(|(code, len)| char::from_u32(code).map(|c| (c, len)));
        let simple = "n\nt\tr\ra\x07b\x08f\x0cv\x0b\\\\''\"\""
            .chars()
            .collect::<Vec<_>>();
        let simple = simple
            .chunks(2)
            .find(|pair| pair[0] == c)
            .map(|pair| pair[1]);
        match (code, simple) {
            (Some((c, len)), _) => {
                out.push(c);
                rest = &rest[len..];
            }
            (None, Some(simple)) => {
                out.push(simple);
                rest = &rest[1..];
            }
            (None, None) => {
                if c != '\n' {
                    out.push('\\');
                    out.push(c);
                }
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    out.push_str(rest);
    out
}
