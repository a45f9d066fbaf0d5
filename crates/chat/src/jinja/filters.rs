//! Filters that look at one value. Those that go through a sequence stand in `seq_filters`.

use super::budget::Budget;
use super::budget::{Run, wrong};
use super::call::Call;
use super::format::printf_all;
use super::methods::pairs;
use super::ops::{binary, equal, iterate, order};
use super::show::to_text;
use super::str_methods::{self, map_chars, replace, strip};
use super::text::{Origin, Text, TextBuilder};
use super::tojson::to_json;
use super::value::{List, ListKind, Value};

/// Runs a filter; none if it is none of these.
pub(super) fn filter(
    budget: &Budget,
    name: &str,
    value: &Value,
    call: &Call,
) -> Run<Option<Value>> {
    Ok(Some(match name {
        "abs" => match value.defined()? {
            Value::Float(value) => Value::Float(value.abs()),
            value => Value::Int(int_of(value)?.saturating_abs()),
        },
        "default" | "d" => {
            let is_missing = matches!(value, Value::Undefined(_))
                || (call.is_true(1, "boolean") && !value.is_true());
            let default = || {
                call.get(0, "default_value")
                    .cloned()
                    .unwrap_or_else(|| Value::template(""))
            };
            if is_missing { default() } else { value.clone() }
        }
        "length" | "count" => Value::Int(length(value)? as i64),
        "float" => {
            let parsed = value.as_str().and_then(|text| text.trim().parse().ok());
            let default = call
                .get(0, "default")
                .and_then(Value::as_float)
                .unwrap_or(0.0);
            Value::Float(value.as_float().or(parsed).unwrap_or(default))
        }
        "int" => int(value, call)?,
        "round" => round(value, call)?,
        "tojson" => Value::Str(to_json(budget, value, call)?),
        "items" => match value {
            Value::Undefined(_) => List::value(ListKind::Generator, Vec::new())?,
            Value::Dict(dict) => List::value(ListKind::Generator, pairs(budget, dict)?)?,
            _ => return wrong("Can only get item pairs from a mapping."),
        },
        "dictsort" => dictsort(budget, value, call)?,
        "list" => List::value(ListKind::List, iterate(budget, value)?)?,
        "attr" => {
            let name = call.text(0, "name")?;
            super::methods::attribute(budget, value, &name.as_str().into())?
        }
        _ => return text_filter(budget, name, value, call),
    }))
}

/// Those that see a text in every value.
fn text_filter(budget: &Budget, name: &str, value: &Value, call: &Call) -> Run<Option<Value>> {
    let text = || to_text(budget, value);
    let method = |call: &Call| str_methods::call(budget, &text()?, name, call);
    Ok(Some(match name {
        "capitalize" | "lower" | "upper" => method(&Call::default())?,
        "title" => title(budget, &text()?)?,
        "center" => method(call)?,
        "trim" => strip(budget, &text()?, call, true, true)?,
        "string" => Value::Str(text()?),
        "safe" => {
            let mut text = text()?;
            text.is_markup = true;
            Value::Str(text)
        }
        "e" | "escape" | "forceescape" => {
            let text = text()?;
            let is_done = text.is_markup && name != "forceescape";
            Value::Str(if is_done {
                text
            } else {
                escape(budget, &text)?
            })
        }
        "indent" => indent(budget, &text()?, call)?,
        "replace" => {
            let n_max = call.int(2, "count", -1)?;
            let mut text = replace(
                budget,
                &text()?,
                call.text(0, "old")?,
                call.text(1, "new")?,
                n_max,
            )?;
            text.is_markup = false;
            Value::Str(text)
        }
        "format" => Value::Str(printf_all(budget, &text()?, &call.positional)?),
        "wordcount" => {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let text = text()?;
            let words = text.as_str().split(|c| !is_word(c));
            Value::Int(words.filter(|word| !word.is_empty()).count() as i64)
        }
        _ => return Ok(None),
    }))
}

/// How many items a value has.
pub(super) fn length(value: &Value) -> Run<usize> {
    match value {
        Value::Undefined(_) => Ok(0),
        Value::Str(text) => Ok(text.as_str().chars().count()),
        Value::List(list) if list.kind != ListKind::Generator => Ok(list.items.len()),
        Value::Dict(dict) => Ok(dict.entries.len()),
        Value::Range(range) => Ok(range.len),
        _ => wrong(format!(
            "object of type '{}' has no len()",
            value.type_name()
        )),
    }
}

fn int_of(value: &Value) -> Run<i64> {
    match value.as_int() {
        Some(value) => Ok(value),
        None => wrong(format!("expected a number, found {}", value.type_name())),
    }
}

fn int(value: &Value, call: &Call) -> Run<Value> {
    let default = call.int(0, "default", 0)?;
    let base = u32::try_from(call.int(1, "base", 10)?)
        .unwrap_or(10)
        .clamp(2, 36);
    let parse = |text: &str| {
        let text = text.trim();
        let float = || text.parse::<f64>().ok().map(|value| value as i64);
        i64::from_str_radix(text, base).ok().or_else(float)
    };
    let parsed = match value {
        Value::Str(text) => parse(text.as_str()),
        Value::Float(value) => Some(*value as i64),
        value => value.as_int(),
    };
    Ok(Value::Int(parsed.unwrap_or(default)))
}

fn round(value: &Value, call: &Call) -> Run<Value> {
    let Some(number) = value.as_float() else {
        return wrong(format!("expected a number, found {}", value.type_name()));
    };
    let method = call.get(1, "method").and_then(Value::as_str);
    if let (Some(int), None | Some("common")) = (value.as_int(), method) {
        return Ok(Value::Int(int));
    }
    let factor = 10_f64.powi(call.int(0, "precision", 0)?.clamp(-300, 300) as i32);
    let scaled = number * factor;
    let rounded = match method {
        Some("ceil") => scaled.ceil(),
        Some("floor") => scaled.floor(),
        _ => scaled.round_ties_even(),
    };
    Ok(Value::Float(rounded / factor))
}

/// For HTML.
pub(super) fn escape(budget: &Budget, text: &Text) -> Run<Text> {
    let mapped = map_chars(budget, text, |_, c, out| match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '\'' => out.push_str("&#39;"),
        '"' => out.push_str("&#34;"),
        c => out.push(c),
    })?;
    match mapped {
        Value::Str(mut text) => {
            text.is_markup = true;
            Ok(text)
        }
        _ => Ok(text.clone()),
    }
}

/// Unlike the method, a word begins behind white space, a hyphen or an opening bracket.
fn title(budget: &Budget, text: &Text) -> Run<Value> {
    map_chars(budget, text, |before, c, out| {
        match before.is_none_or(|before| before.is_whitespace() || "-({[<".contains(before)) {
            true => out.extend(c.to_uppercase()),
            false => out.extend(c.to_lowercase()),
        }
    })
}

fn indent(budget: &Budget, text: &Text, call: &Call) -> Run<Value> {
    let width = match call.get(0, "width") {
        Some(Value::Str(text)) => text.clone(),
        _ => {
            let n = call.count(0, "width", 4)?;
            budget.bytes(n)?;
            Text::template(&" ".repeat(n))
        }
    };
    let (first, blank) = (call.is_true(1, "first"), call.is_true(2, "blank"));
    let mut out = TextBuilder::new();
    if first && text.is_empty() {
        out.push(budget, &width)?;
    }
    let mut start = 0;
    for (idx, line) in text.as_str().split_inclusive('\n').enumerate() {
        let is_blank = line.trim_end_matches(['\n', '\r']).is_empty();
        if if idx == 0 { first } else { blank || !is_blank } {
            out.push(budget, &width)?;
        }
        out.push_range(budget, text, start..start + line.len())?;
        start += line.len();
    }
    Ok(Value::Str(out.finish()))
}

fn dictsort(budget: &Budget, value: &Value, call: &Call) -> Run<Value> {
    let Value::Dict(dict) = value.defined()? else {
        return wrong(format!(
            "expected a dict to sort, found {}",
            value.type_name()
        ));
    };
    let is_case_sensitive = call.is_true(0, "case_sensitive");
    let idx = usize::from(call.get(1, "by").and_then(Value::as_str) == Some("value"));
    let keyed = pairs(budget, dict)?.into_iter().map(|pair| {
        let key = super::methods::item(budget, &pair, &Value::Int(idx as i64))?;
        Ok((fold_case(budget, key, is_case_sensitive)?, pair))
    });
    let sorted = sort(
        budget,
        keyed.collect::<Run<_>>()?,
        call.is_true(2, "reverse"),
    )?;
    List::value(ListKind::List, sorted)
}

/// Filters compare strings without regard to case, unless told otherwise.
pub(super) fn fold_case(budget: &Budget, value: Value, is_case_sensitive: bool) -> Run<Value> {
    match &value {
        Value::Str(text) if !is_case_sensitive => {
            str_methods::call(budget, text, "lower", &Call::default())
        }
        _ => Ok(value),
    }
}

/// Sorts by keys; equal ones keep their order.
pub(super) fn sort(
    budget: &Budget,
    mut keyed: Vec<(Value, Value)>,
    is_reversed: bool,
) -> Run<Vec<Value>> {
    let mut fault = None;
    keyed.sort_by(|(left, _), (right, _)| {
        let (left, right) = if is_reversed {
            (right, left)
        } else {
            (left, right)
        };
        // Python asks for order only where there is no equality.
        let ordered = match equal(budget, left, right) {
            Ok(true) => return std::cmp::Ordering::Equal,
            Ok(false) => order(budget, left, right),
            Err(fault) => Err(fault),
        };
        match ordered {
            Ok(order) => order.unwrap_or(std::cmp::Ordering::Equal),
            Err(first) => {
                fault.get_or_insert(first);
                std::cmp::Ordering::Equal
            }
        }
    });
    match fault {
        Some(fault) => Err(fault),
        None => Ok(keyed.into_iter().map(|(_, value)| value).collect()),
    }
}

/// `sum`: numbers from `start` on.
pub(super) fn sum(budget: &Budget, items: &[Value], start: Value) -> Run<Value> {
    let add = |sum: Value, item: &Value| binary(budget, super::ast::BinaryOp::Add, &sum, item);
    items.iter().try_fold(start, add)
}

/// A text of the template's, from digits and such.
pub(super) fn push_plain(budget: &Budget, out: &mut TextBuilder, text: &str) -> Run<()> {
    out.push_str(budget, text, Origin::Template)
}
