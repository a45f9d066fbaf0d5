//! Python's two ways of putting values into a text: `%` and `str.format`.

use super::budget::{Budget, Run, wrong};
use super::call::Call;
use super::filters::push_plain;
use super::methods;
use super::show::{float, push_repr, to_text};
use super::text::{Text, TextBuilder};
use super::value::{ListKind, Value};

/// How one value is written.
#[derive(Debug, Default)]
struct Spec {
    fill: Option<char>,
    align: Option<char>,
    sign: Option<char>,
    is_zero_padded: bool,
    has_thousands: bool,
    width: usize,
    precision: Option<usize>,
    kind: Option<char>,
}

/// `format % value`, where a tuple is many values.
pub(super) fn printf(budget: &Budget, format: &Text, value: &Value) -> Run<Text> {
    match value {
        Value::List(list) if list.kind == ListKind::Tuple => {
            printf_all(budget, format, &list.items)
        }
        value => printf_all(budget, format, std::slice::from_ref(value)),
    }
}

pub(super) fn printf_all(budget: &Budget, format: &Text, values: &[Value]) -> Run<Text> {
    let string = format.as_str();
    let mut out = TextBuilder::new();
    let mut values_left = values.iter();
    let mut start = 0;
    while let Some(at) = string[start..].find('%').map(|at| start + at) {
        out.push_range(budget, format, start..at)?;
        let rest = &string[at + 1..];
        let mut named = None;
        let mut spec_start = 0;
        if let (true, Value::Dict(dict)) = (
            rest.starts_with('('),
            values.first().unwrap_or(&Value::None),
        ) {
            let end = rest.find(')').unwrap_or(0);
            spec_start = end + 1;
            named = dict.get(rest.get(1..end).unwrap_or(""));
        }
        let is_flag = |c: char| "-+ #.".contains(c) || c.is_ascii_digit();
        let flags_end = rest[spec_start..]
            .find(|c| !is_flag(c))
            .map(|len| spec_start + len);
        let Some((flags_end, kind)) =
            flags_end.and_then(|end| Some((end, rest[end..].chars().next()?)))
        else {
            return wrong("incomplete format");
        };
        let mut spec = percent_spec(&rest[spec_start..flags_end]);
        start = at + 1 + flags_end + kind.len_utf8();
        if kind == '%' {
            push_plain(budget, &mut out, "%")?;
            continue;
        }
        let Some(value) = named.or_else(|| values_left.next()) else {
            return wrong("not enough arguments for format string");
        };
        spec.kind = Some(if matches!(kind, 'i' | 'u') { 'd' } else { kind });
        if kind == 'r' {
            let mut shown = TextBuilder::new();
            push_repr(budget, &mut shown, value)?;
            spec.kind = Some('s');
            write(budget, &mut out, &Value::Str(shown.finish()), &spec)?;
        } else {
            write(budget, &mut out, value, &spec)?;
        }
    }
    out.push_range(budget, format, start..string.len())?;
    if values_left.next().is_some() && !matches!(values, [Value::Dict(_)]) {
        return wrong("not all arguments converted during string formatting");
    }
    Ok(out.finish())
}

/// `[flags][width][.precision]`
fn percent_spec(text: &str) -> Spec {
    let flags_len = text.find(|c| !"-+ #0".contains(c)).unwrap_or(text.len());
    let (flags, rest) = text.split_at(flags_len);
    let (width, precision) = match rest.split_once('.') {
        Some((width, precision)) => (width, Some(digits(precision))),
        None => (rest, None),
    };
    Spec {
        align: Some(if flags.contains('-') { '<' } else { '>' }),
        sign: ['+', ' '].into_iter().find(|sign| flags.contains(*sign)),
        is_zero_padded: flags.contains('0') && !flags.contains('-'),
        width: digits(width),
        precision,
        ..Spec::default()
    }
}

/// A number, or as much as there can be; none is 0.
fn digits(text: &str) -> usize {
    match text.is_empty() {
        true => 0,
        false => text.parse().unwrap_or(usize::MAX),
    }
}

/// `text.format(...)`
pub(super) fn str_format(budget: &Budget, text: &Text, call: &Call) -> Run<Text> {
    let string = text.as_str();
    let mut out = TextBuilder::new();
    let (mut start, mut n_auto) = (0, 0);
    while let Some(at) = string[start..].find(['{', '}']).map(|at| start + at) {
        out.push_range(budget, text, start..at)?;
        let brace = &string[at..=at];
        if string[at + 1..].starts_with(brace) {
            out.push_range(budget, text, at..at + 1)?;
            start = at + 2;
            continue;
        }
        let end = string[at..]
            .find('}')
            .filter(|_| brace == "{")
            .map(|len| at + len);
        let Some(end) = end else {
            return wrong(format!("Single '{brace}' encountered in format string"));
        };
        let field = &string[at + 1..end];
        start = end + 1;
        let (field, spec) = field.split_once(':').unwrap_or((field, ""));
        let (path, conversion) = field.split_once('!').unwrap_or((field, ""));
        let mut value = field_value(budget, path, call, &mut n_auto)?;
        if conversion == "r" {
            let mut shown = TextBuilder::new();
            push_repr(budget, &mut shown, &value)?;
            value = Value::Str(shown.finish());
        }
        write(budget, &mut out, &value, &brace_spec(spec))?;
    }
    out.push_range(budget, text, start..string.len())?;
    Ok(out.finish())
}

/// The argument that `path` names: a number, a name or nothing, and attributes and items behind it.
fn field_value(budget: &Budget, path: &str, call: &Call, n_auto: &mut usize) -> Run<Value> {
    let name_end = path.find(['.', '[']).unwrap_or(path.len());
    let (name, mut rest) = path.split_at(name_end);
    let found = match name.parse::<usize>() {
        Ok(idx) => call.positional.get(idx),
        _ if name.is_empty() => {
            *n_auto += 1;
            call.positional.get(*n_auto - 1)
        }
        _ => call
            .named
            .iter()
            .find(|(known, _)| &**known == name)
            .map(|(_, value)| value),
    };
    let Some(mut value) = found.cloned() else {
        return wrong(format!("no argument {{{name}}} for the format string"));
    };
    while !rest.is_empty() {
        let (key, after) = match rest.strip_prefix('[') {
            Some(inside) => inside.split_once(']').unwrap_or((inside, "")),
            None => {
                let inside = &rest[1..];
                inside.split_at(inside.find(['.', '[']).unwrap_or(inside.len()))
            }
        };
        let key = match key.parse() {
            Ok(idx) => Value::Int(idx),
            Err(_) => Value::template(key),
        };
        value = methods::item(budget, &value, &key)?.defined()?.clone();
        rest = after;
    }
    Ok(value)
}

/// `[[fill]align][sign][0][width][,][.precision][kind]`
fn brace_spec(text: &str) -> Spec {
    let mut spec = Spec::default();
    let mut chars = text.chars().peekable();
    let mut ahead = text.chars();
    let (first, second) = (ahead.next(), ahead.next());
    let is_align = |c: Option<char>| c.is_some_and(|c| "<>^".contains(c));
    if is_align(second) {
        spec.fill = chars.next();
        spec.align = chars.next();
    } else if is_align(first) {
        spec.align = chars.next();
    }
    spec.sign = chars.next_if(|c| "+- ".contains(*c));
    spec.is_zero_padded = chars.next_if_eq(&'0').is_some();
    let number = |chars: &mut std::iter::Peekable<std::str::Chars<'_>>| {
        let mut value = None;
        while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
            value = Some(
                value
                    .unwrap_or(0_usize)
                    .saturating_mul(10)
                    .saturating_add(digit as usize),
            );
            chars.next();
        }
        value
    };
    spec.width = number(&mut chars).unwrap_or(0);
    spec.has_thousands = chars.next_if_eq(&',').is_some();
    if chars.next_if_eq(&'.').is_some() {
        spec.precision = number(&mut chars);
    }
    spec.kind = chars.next();
    spec
}

fn write(budget: &Budget, out: &mut TextBuilder, value: &Value, spec: &Spec) -> Run<()> {
    let number = match spec.kind {
        Some('s') => None,
        _ => number(value, spec)?,
    };
    let (text, is_number) = match number {
        Some(text) => {
            budget.bytes(text.len())?;
            (Text::template(&text), true)
        }
        None => {
            let text = to_text(budget, value)?;
            let cut = spec
                .precision
                .and_then(|n| text.as_str().char_indices().nth(n));
            let end = cut.map_or(text.len(), |(at, _)| at);
            (text.slice(budget, 0..end)?, false)
        }
    };
    let missing = spec.width.saturating_sub(text.as_str().chars().count());
    budget.bytes(missing)?;
    let fill = match spec.is_zero_padded && is_number {
        true => '0',
        false => spec.fill.unwrap_or(' '),
    };
    let before = match spec.align {
        Some('<') => 0,
        Some('^') => missing / 2,
        Some(_) => missing,
        None => missing * usize::from(is_number),
    };
    let fills = |n: usize| String::from(fill).repeat(n);
    let sign = usize::from(fill == '0' && text.as_str().starts_with(['-', '+']));
    out.push_range(budget, &text, 0..sign)?;
    push_plain(budget, out, &fills(before))?;
    out.push_range(budget, &text, sign..text.len())?;
    push_plain(budget, out, &fills(missing - before))
}

/// A number's digits; none if the value is to be written as text.
fn number(value: &Value, spec: &Spec) -> Run<Option<String>> {
    let is_bool_text = matches!(value, Value::Bool(_)) && spec.kind.is_none();
    let (int, real) = match is_bool_text {
        true => (None, None),
        false => (value.as_int(), value.as_float()),
    };
    // More digits than a number can have are paid for like text, but not made.
    let precision = spec.precision.unwrap_or(6).min(400);
    let digits = match (spec.kind, int, real) {
        (None | Some('d'), Some(value), _) => value.to_string(),
        (Some('x'), Some(value), _) => format!("{value:x}"),
        (Some('X'), Some(value), _) => format!("{value:X}"),
        (Some('o'), Some(value), _) => format!("{value:o}"),
        (Some('b'), Some(value), _) => format!("{value:b}"),
        (Some('d'), None, Some(value)) => (value as i64).to_string(),
        (Some('f' | 'F'), _, Some(value)) => format!("{value:.precision$}"),
        (Some('%'), _, Some(value)) => format!("{:.precision$}%", value * 100.0),
        (Some('e' | 'g'), _, Some(value)) => float(value),
        (None, None, Some(value)) => match spec.precision {
            Some(precision) => format!("{value:.*}", precision.min(400)),
            None => float(value),
        },
        (None, None, None) => return Ok(None),
        (Some(kind), ..) => return wrong(format!("cannot write {} as %{kind}", value.type_name())),
    };
    let mut digits = digits;
    if spec.has_thousands {
        let end = digits.find('.').unwrap_or(digits.len());
        let start = usize::from(digits.starts_with('-'));
        let mut at = end;
        while at > start + 3 {
            at -= 3;
            digits.insert(at, ',');
        }
    }
    let sign = spec
        .sign
        .filter(|sign| *sign != '-' && !digits.starts_with('-'));
    Ok(Some(sign.into_iter().chain(digits.chars()).collect()))
}
