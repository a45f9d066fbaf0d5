//! Python's methods of strings.

use super::budget::{Budget, Run, wrong};
use super::call::Call;
use super::format::str_format;
use super::text::{Origin, Text, TextBuilder};
use super::value::{List, ListKind, Value};

/// The methods that there are.
pub(super) const NAMES: [&str; 37] = [
    "capitalize",
    "casefold",
    "center",
    "count",
    "endswith",
    "find",
    "format",
    "index",
    "isalnum",
    "isalpha",
    "isdecimal",
    "isdigit",
    "islower",
    "isnumeric",
    "isspace",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "upper",
    "zfill",
];

/// White space as Python's strings know it.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

pub(super) fn call(budget: &Budget, text: &Text, name: &str, call: &Call) -> Run<Value> {
    // Every method reads the text at least once.
    budget.bytes(text.len())?;
    let string = text.as_str();
    match name {
        "strip" => strip(budget, text, call, true, true),
        "lstrip" => strip(budget, text, call, true, false),
        "rstrip" => strip(budget, text, call, false, true),
        "split" | "rsplit" => split(budget, text, call, name == "rsplit"),
        "splitlines" => splitlines(budget, text),
        "partition" | "rpartition" => partition(budget, text, call, name == "rpartition"),
        "startswith" => affix(text, call, |text, part| text.starts_with(part)),
        "endswith" => affix(text, call, |text, part| text.ends_with(part)),
        "removeprefix" => {
            let prefix = call.text(0, "prefix")?;
            let cut = if string.starts_with(prefix.as_str()) {
                prefix.len()
            } else {
                0
            };
            text.slice(budget, cut..text.len()).map(Value::Str)
        }
        "removesuffix" => {
            let suffix = call.text(0, "suffix")?;
            let cut = if string.ends_with(suffix.as_str()) {
                suffix.len()
            } else {
                0
            };
            text.slice(budget, 0..text.len() - cut).map(Value::Str)
        }
        "replace" => {
            let n_max = call.get(2, "count").and_then(Value::as_int).unwrap_or(-1);
            replace(
                budget,
                text,
                call.text(0, "old")?,
                call.text(1, "new")?,
                n_max,
            )
            .map(Value::Str)
        }
        "join" => {
            let items = super::ops::iterate(budget, call.need(0, "iterable")?)?;
            join(budget, text, &items).map(Value::Str)
        }
        "find" | "rfind" | "index" => {
            let part = call.text(0, "sub")?;
            let at = match name {
                "rfind" => string.rfind(part.as_str()),
                _ => string.find(part.as_str()),
            };
            match at {
                Some(at) => Ok(Value::Int(string[..at].chars().count() as i64)),
                None if name == "index" => wrong("substring not found"),
                None => Ok(Value::Int(-1)),
            }
        }
        "count" => {
            let part = call.text(0, "sub")?;
            Ok(Value::Int(string.matches(part.as_str()).count() as i64))
        }
        _ => whole(budget, text, name, call),
    }
}

/// Methods that look at all characters.
fn whole(budget: &Budget, text: &Text, name: &str, call: &Call) -> Run<Value> {
    let string = text.as_str();
    let is_all =
        |is: fn(char) -> bool| Ok(Value::Bool(!string.is_empty() && string.chars().all(is)));
    match name {
        "format" => str_format(budget, text, call).map(Value::Str),
        "upper" => map_chars(budget, text, |_, c, out| out.extend(c.to_uppercase())),
        "lower" | "casefold" => map_chars(budget, text, |_, c, out| out.extend(c.to_lowercase())),
        "capitalize" => map_chars(budget, text, |before, c, out| match before {
            None => out.extend(c.to_uppercase()),
            Some(_) => out.extend(c.to_lowercase()),
        }),
        "title" => map_chars(budget, text, |before, c, out| match before {
            Some(before) if before.is_alphabetic() => out.extend(c.to_lowercase()),
            _ => out.extend(c.to_uppercase()),
        }),
        "swapcase" => map_chars(budget, text, |_, c, out| match c.is_uppercase() {
            true => out.extend(c.to_lowercase()),
            false => out.extend(c.to_uppercase()),
        }),
        "center" | "ljust" | "rjust" | "zfill" => pad(budget, text, name, call),
        "isspace" => is_all(is_space),
        "isalpha" => is_all(char::is_alphabetic),
        "isalnum" => is_all(char::is_alphanumeric),
        "isdigit" | "isnumeric" | "isdecimal" => is_all(char::is_numeric),
        "isupper" => Ok(Value::Bool(
            string.chars().any(char::is_uppercase) && !string.chars().any(char::is_lowercase),
        )),
        "islower" => Ok(Value::Bool(
            string.chars().any(char::is_lowercase) && !string.chars().any(char::is_uppercase),
        )),
        _ => wrong(format!("'str object' has no attribute '{name}'")),
    }
}

/// Cuts characters at the ends: those given, or white space.
pub(super) fn strip(
    budget: &Budget,
    text: &Text,
    call: &Call,
    at_start: bool,
    at_end: bool,
) -> Run<Value> {
    let chars = match call.get(0, "chars") {
        None | Some(Value::None) => None,
        Some(_) => Some(call.text(0, "chars")?),
    };
    if let Some(chars) = chars {
        budget.bytes(chars.len().saturating_mul(text.len()) / 16)?;
    }
    let is_cut = |c: char| match chars {
        Some(chars) => chars.as_str().contains(c),
        None => is_space(c),
    };
    let string = text.as_str();
    let start = if at_start {
        string.len() - string.trim_start_matches(is_cut).len()
    } else {
        0
    };
    let end = if at_end {
        string.trim_end_matches(is_cut).len()
    } else {
        string.len()
    };
    text.slice(budget, start..end.max(start)).map(Value::Str)
}

fn split(budget: &Budget, text: &Text, call: &Call, from_end: bool) -> Run<Value> {
    let n_max = call
        .get(1, "maxsplit")
        .and_then(Value::as_int)
        .unwrap_or(-1);
    let n_max = usize::try_from(n_max).unwrap_or(usize::MAX);
    let separator = match call.get(0, "sep") {
        None | Some(Value::None) => return split_space(budget, text, n_max),
        Some(_) => call.text(0, "sep")?,
    };
    if separator.is_empty() {
        return wrong("empty separator");
    }
    let string = text.as_str();
    // Paid for before they are made.
    budget.values(string.matches(separator.as_str()).count().min(n_max) + 1)?;
    let mut cuts: Vec<usize> = match from_end {
        true => string
            .rmatch_indices(separator.as_str())
            .take(n_max)
            .map(|(at, _)| at)
            .collect(),
        false => string
            .match_indices(separator.as_str())
            .take(n_max)
            .map(|(at, _)| at)
            .collect(),
    };
    cuts.sort_unstable();
    let mut items = Vec::with_capacity(cuts.len() + 1);
    let mut start = 0;
    for cut in cuts {
        items.push(Value::Str(text.slice(budget, start..cut)?));
        start = cut + separator.len();
    }
    items.push(Value::Str(text.slice(budget, start..text.len())?));
    List::value(ListKind::List, items)
}

fn split_space(budget: &Budget, text: &Text, n_max: usize) -> Run<Value> {
    let string = text.as_str();
    let skip = |from: usize| string.len() - string[from..].trim_start_matches(is_space).len();
    let mut items = Vec::new();
    let mut start = skip(0);
    while start < string.len() {
        budget.values(1)?;
        let end = match items.len() < n_max {
            true => string[start..]
                .find(is_space)
                .map_or(string.len(), |len| start + len),
            false => string.trim_end_matches(is_space).len(),
        };
        items.push(Value::Str(text.slice(budget, start..end)?));
        start = skip(end);
    }
    List::value(ListKind::List, items)
}

fn splitlines(budget: &Budget, text: &Text) -> Run<Value> {
    let string = text.as_str();
    let mut items = Vec::new();
    let mut start = 0;
    while start < string.len() {
        budget.values(1)?;
        let len = string[start..]
            .find(['\n', '\r'])
            .unwrap_or(string.len() - start);
        items.push(Value::Str(text.slice(budget, start..start + len)?));
        let rest = &string[start + len..];
        start += len + if rest.starts_with("\r\n") { 2 } else { 1 };
    }
    List::value(ListKind::List, items)
}

fn partition(budget: &Budget, text: &Text, call: &Call, from_end: bool) -> Run<Value> {
    let separator = call.text(0, "sep")?;
    if separator.is_empty() {
        return wrong("empty separator");
    }
    let found = match from_end {
        true => text.as_str().rfind(separator.as_str()),
        false => text.as_str().find(separator.as_str()),
    };
    let empty = || Value::template("");
    let items = match found {
        Some(at) => vec![
            Value::Str(text.slice(budget, 0..at)?),
            Value::Str(separator.clone()),
            Value::Str(text.slice(budget, at + separator.len()..text.len())?),
        ],
        None if from_end => vec![empty(), empty(), Value::Str(text.clone())],
        None => vec![Value::Str(text.clone()), empty(), empty()],
    };
    List::value(ListKind::Tuple, items)
}

fn affix(text: &Text, call: &Call, is: fn(&str, &str) -> bool) -> Run<Value> {
    let is = |part: &Value| part.as_str().is_some_and(|part| is(text.as_str(), part));
    match call.need(0, "prefix")? {
        Value::List(parts) if parts.kind == ListKind::Tuple => {
            Ok(Value::Bool(parts.items.iter().any(is)))
        }
        part @ Value::Str(_) => Ok(Value::Bool(is(part))),
        other => wrong(format!(
            "expected a string or a tuple of strings, found {}",
            other.type_name()
        )),
    }
}

pub(super) fn replace(
    budget: &Budget,
    text: &Text,
    old: &Text,
    new: &Text,
    n_max: i64,
) -> Run<Text> {
    let n_max = usize::try_from(n_max).unwrap_or(usize::MAX);
    budget.bytes(text.len())?;
    let mut out = TextBuilder::new();
    let mut start = 0;
    for (at, _) in text.as_str().match_indices(old.as_str()).take(n_max) {
        out.push_range(budget, text, start..at)?;
        out.push(budget, new)?;
        start = at + old.len();
    }
    out.push_range(budget, text, start..text.len())?;
    let mut out = out.finish();
    out.is_markup = text.is_markup;
    Ok(out)
}

pub(super) fn join(budget: &Budget, separator: &Text, items: &[Value]) -> Run<Text> {
    let mut out = TextBuilder::new();
    for (idx, item) in items.iter().enumerate() {
        if idx > 0 {
            out.push(budget, separator)?;
        }
        match item {
            Value::Str(text) => out.push(budget, text)?,
            _ => {
                return wrong(format!(
                    "sequence item {idx}: expected str instance, {} found",
                    item.type_name()
                ));
            }
        }
    }
    Ok(out.finish())
}

/// Changes each character, given the one before it.
pub(super) fn map_chars(
    budget: &Budget,
    text: &Text,
    map: impl Fn(Option<char>, char, &mut String),
) -> Run<Value> {
    let mut out = TextBuilder::new();
    let mut before = None;
    for (part, origin) in text.spans(0..text.len()) {
        let mut mapped = String::with_capacity(part.len());
        for c in part.chars() {
            map(before, c, &mut mapped);
            before = Some(c);
        }
        out.push_str(budget, &mapped, origin)?;
    }
    let mut out = out.finish();
    out.is_markup = text.is_markup;
    Ok(Value::Str(out))
}

fn pad(budget: &Budget, text: &Text, name: &str, call: &Call) -> Run<Value> {
    let width = call.count(0, "width", 0)?;
    let fill = match call.get(1, "fillchar") {
        Some(_) if name != "zfill" => call.text(1, "fillchar")?.clone(),
        _ => Text::template(if name == "zfill" { "0" } else { " " }),
    };
    let n_chars = text.as_str().chars().count();
    let missing = width.saturating_sub(n_chars);
    budget.bytes(missing)?;
    let left = match name {
        "ljust" => 0,
        // Python's rule: the odd one goes left if the width is odd.
        "center" => missing / 2 + (missing & width & 1),
        _ => missing,
    };
    let sign = usize::from(name == "zfill" && text.as_str().starts_with(['+', '-']));
    let mut out = TextBuilder::new();
    let fills = |n: usize, out: &mut TextBuilder| {
        (0..n).try_for_each(|_| out.push_str(budget, fill.as_str(), Origin::Template))
    };
    out.push_range(budget, text, 0..sign)?;
    fills(left, &mut out)?;
    out.push_range(budget, text, sign..text.len())?;
    fills(missing - left, &mut out)?;
    Ok(Value::Str(out.finish()))
}
