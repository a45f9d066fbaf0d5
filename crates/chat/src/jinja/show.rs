//! Values as text: Python's `str` and `repr`.

use super::budget::{Budget, Run};
use super::text::{Origin, Text, TextBuilder};
use super::value::{ListKind, Value};

/// `str(value)`; nothing for an undefined one.
pub(super) fn to_text(budget: &Budget, value: &Value) -> Run<Text> {
    if let Value::Str(text) = value {
        return Ok(text.clone());
    }
    let mut out = TextBuilder::new();
    push_str_of(budget, &mut out, value)?;
    Ok(out.finish())
}

pub(super) fn push_str_of(budget: &Budget, out: &mut TextBuilder, value: &Value) -> Run<()> {
    match value {
        Value::Str(text) => out.push(budget, text),
        Value::Undefined(_) => Ok(()),
        _ => push_repr(budget, out, value),
    }
}

/// `repr(value)`.
pub(super) fn push_repr(budget: &Budget, out: &mut TextBuilder, value: &Value) -> Run<()> {
    match value {
        Value::Undefined(_) => out.push_template(budget, "Undefined"),
        Value::None => out.push_template(budget, "None"),
        Value::Bool(true) => out.push_template(budget, "True"),
        Value::Bool(false) => out.push_template(budget, "False"),
        Value::Int(value) => out.push_template(budget, &value.to_string()),
        Value::Float(value) => out.push_template(budget, &float(*value)),
        Value::Str(text) => push_quoted(budget, out, text),
        Value::List(list) => {
            let (open, close) = match list.kind {
                ListKind::Tuple => ("(", if list.items.len() == 1 { ",)" } else { ")" }),
                ListKind::Generator => return out.push_template(budget, "<generator object>"),
                ListKind::View => ("dict_items([", "])"),
                ListKind::List => ("[", "]"),
            };
            out.push_template(budget, open)?;
            for (idx, item) in list.items.iter().enumerate() {
                if idx > 0 {
                    out.push_template(budget, ", ")?;
                }
                push_repr(budget, out, item)?;
            }
            out.push_template(budget, close)
        }
        Value::Dict(dict) => {
            out.push_template(budget, "{")?;
            for (idx, (key, value)) in dict.entries.iter().enumerate() {
                if idx > 0 {
                    out.push_template(budget, ", ")?;
                }
                push_repr(budget, out, key)?;
                out.push_template(budget, ": ")?;
                push_repr(budget, out, value)?;
            }
            out.push_template(budget, "}")
        }
        Value::Range(range) => {
            let stop = i128::from(range.start) + i128::from(range.step) * range.len as i128;
            out.push_template(budget, &format!("range({}, {stop})", range.start))
        }
        _ => out.push_template(budget, &format!("<{}>", value.type_name())),
    }
}

fn push_quoted(budget: &Budget, out: &mut TextBuilder, text: &Text) -> Run<()> {
    let has_single_only = text.as_str().contains('\'') && !text.as_str().contains('"');
    let quote = if has_single_only { "\"" } else { "'" };
    out.push_template(budget, quote)?;
    for (part, origin) in text.spans(0..text.len()) {
        push_escaped(budget, out, part, origin, quote)?;
    }
    out.push_template(budget, quote)
}

fn push_escaped(
    budget: &Budget,
    out: &mut TextBuilder,
    text: &str,
    origin: Origin,
    quote: &str,
) -> Run<()> {
    let mut plain_from = 0;
    for (at, c) in text.char_indices() {
        let escaped = match c {
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\'' if quote == "'" => "\\'".to_owned(),
            '\0'..=' ' if c != ' ' => format!("\\x{:02x}", u32::from(c)),
            '\u{7f}'..='\u{a0}' | '\u{ad}' => format!("\\x{:02x}", u32::from(c)),
            '\u{2028}' | '\u{2029}' | '\u{200b}'..='\u{200f}' | '\u{feff}' => {
                format!("\\u{:04x}", u32::from(c))
            }
            _ => continue,
        };
        out.push_str(budget, &text[plain_from..at], origin)?;
        out.push_str(budget, &escaped, origin)?;
        plain_from = at + c.len_utf8();
    }
    out.push_str(budget, &text[plain_from..], origin)
}

/// A number as Python prints it: the shortest digits that give it back, with an exponent below 1e-4 and from 1e16 on.
pub(crate) fn float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{value}");
        return if plain.contains('.') {
            plain
        } else {
            plain + ".0"
        };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}
