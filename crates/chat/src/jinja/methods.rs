//! Attributes, items and methods of values.

use std::rc::Rc;

use super::budget::{Budget, Run, wrong};
use super::call::Call;
use super::ops::{equal, find};
use super::show::to_text;
use super::str_methods;
use super::value::{Dict, List, ListKind, Loop, Value};

const LIST_METHODS: [&str; 3] = ["copy", "count", "index"];
const DICT_METHODS: [&str; 5] = ["copy", "get", "items", "keys", "values"];

/// Methods that would change what a template was given. As in a sandbox they are not there.
const LIST_CHANGES: [&str; 8] = [
    "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort",
];
const DICT_CHANGES: [&str; 5] = ["clear", "pop", "popitem", "setdefault", "update"];

/// `value.name`
pub(super) fn attribute(budget: &Budget, value: &Value, name: &Rc<str>) -> Run<Value> {
    if let Some(found) = own_attribute(value, name)? {
        return Ok(found);
    }
    if let Value::Dict(dict) = value {
        budget.steps(dict.entries.len() as u64 / 4)?;
        if let Some(found) = dict.get(name) {
            return Ok(found.clone());
        }
    }
    Ok(missing(value, name))
}

/// `value[key]`
pub(super) fn item(budget: &Budget, value: &Value, key: &Value) -> Run<Value> {
    let found = match value {
        Value::Undefined(_) => return value.defined().cloned(),
        Value::Dict(dict) => find(budget, &dict.entries, key)?.cloned(),
        Value::List(list) if matches!(list.kind, ListKind::List | ListKind::Tuple) => {
            index(key, list.items.len()).map(|idx| list.items[idx].clone())
        }
        Value::Range(range) => index(key, range.len).map(|idx| range.at(idx)),
        Value::Str(text) => {
            budget.bytes(text.len() / 8)?;
            let n_chars = text.as_str().chars().count();
            let at = index(key, n_chars).and_then(|idx| text.as_str().char_indices().nth(idx));
            at.map(|(at, c)| text.slice(budget, at..at + c.len_utf8()).map(Value::Str))
                .transpose()?
        }
        _ => None,
    };
    match (found, key) {
        (Some(found), _) => Ok(found),
        (None, Value::Str(name)) => {
            let name = Rc::from(name.as_str());
            Ok(own_attribute(value, &name)?.unwrap_or_else(|| missing(value, &name)))
        }
        (None, _) => {
            let key = to_text(budget, key)?;
            Ok(Value::undefined(format!(
                "{} object has no element {}",
                value.type_name(),
                key.as_str()
            )))
        }
    }
}

fn missing(value: &Value, name: &str) -> Value {
    match value {
        Value::None => Value::undefined(format!("'None' has no attribute '{name}'")),
        _ => Value::undefined(format!(
            "'{} object' has no attribute '{name}'",
            value.type_name()
        )),
    }
}

/// What a value has apart from its items.
fn own_attribute(value: &Value, name: &Rc<str>) -> Run<Option<Value>> {
    let (methods, changes): (&[&str], &[&str]) = match value {
        Value::Undefined(_) => return value.defined().cloned().map(Some),
        Value::Str(_) => (&str_methods::NAMES, &[]),
        Value::List(list) if list.kind == ListKind::List => (&LIST_METHODS, &LIST_CHANGES),
        Value::List(list) if list.kind == ListKind::Tuple => (&LIST_METHODS[1..], &[]),
        Value::Dict(_) => (&DICT_METHODS, &DICT_CHANGES),
        Value::Namespace(namespace) => {
            let entries = namespace.entries.borrow();
            let found = entries.iter().find(|(known, _)| **known == **name);
            return Ok(found.map(|(_, value)| value.clone()));
        }
        Value::Loop(state) => {
            return Ok(loop_attribute(state, name).or_else(|| loop_method(value, name)));
        }
        _ => (&[], &[]),
    };
    if methods.contains(&&**name) {
        return Ok(Some(Value::Method(Rc::new((value.clone(), name.clone())))));
    }
    Ok(changes.contains(&&**name).then(|| {
        let of = value.type_name();
        Value::undefined(format!(
            "access to attribute '{name}' of '{of}' object is unsafe."
        ))
    }))
}

fn loop_method(value: &Value, name: &Rc<str>) -> Option<Value> {
    matches!(&**name, "cycle" | "changed")
        .then(|| Value::Method(Rc::new((value.clone(), name.clone()))))
}

fn loop_attribute(state: &Loop, name: &str) -> Option<Value> {
    let (idx, len) = (state.idx.get(), state.items.len());
    let neighbour = |idx: Option<usize>| {
        let item = idx.and_then(|idx| state.items.get(idx));
        item.cloned()
            .unwrap_or_else(|| Value::undefined("there is no such item of the loop"))
    };
    Some(match name {
        "index" => Value::Int(idx as i64 + 1),
        "index0" => Value::Int(idx as i64),
        "revindex" => Value::Int((len - idx) as i64),
        "revindex0" => Value::Int((len - idx) as i64 - 1),
        "first" => Value::Bool(idx == 0),
        "last" => Value::Bool(idx + 1 == len),
        "length" => Value::Int(len as i64),
        "depth" => Value::Int(state.level as i64 + 1),
        "depth0" => Value::Int(state.level as i64),
        "previtem" => neighbour(idx.checked_sub(1)),
        "nextitem" => neighbour(Some(idx + 1)),
        _ => return None,
    })
}

/// The place that an index names; negative ones count from the end.
fn index(key: &Value, len: usize) -> Option<usize> {
    let idx = key.as_int()?;
    let idx = if idx < 0 {
        idx.checked_add(len as i64)?
    } else {
        idx
    };
    usize::try_from(idx).ok().filter(|idx| *idx < len)
}

/// Calls a method.
pub(super) fn call(budget: &Budget, value: &Value, name: &str, call: &Call) -> Run<Value> {
    match value {
        Value::Str(text) => str_methods::call(budget, text, name, call),
        Value::Dict(dict) => dict_method(budget, dict, name, call),
        Value::List(list) => list_method(budget, list, name, call),
        Value::Loop(state) if name == "cycle" && !call.positional.is_empty() => {
            Ok(call.positional[state.idx.get() % call.positional.len()].clone())
        }
        Value::Loop(state) if name == "changed" => {
            let mut out = super::text::TextBuilder::new();
            for value in &call.positional {
                super::show::push_repr(budget, &mut out, value)?;
            }
            let now = out.finish().as_str().to_owned();
            let before = state.last.replace(Some(now.clone()));
            Ok(Value::Bool(before != Some(now)))
        }
        _ => wrong(format!(
            "'{} object' has no method '{name}'",
            value.type_name()
        )),
    }
}

fn dict_method(budget: &Budget, dict: &Rc<Dict>, name: &str, call: &Call) -> Run<Value> {
    if name != "get" {
        budget.values(dict.entries.len())?;
    }
    let view = |items: Vec<Value>| List::value(ListKind::View, items);
    match name {
        "get" => {
            let found = find(budget, &dict.entries, call.need(0, "key")?)?;
            let default = || call.get(1, "default").cloned().unwrap_or(Value::None);
            Ok(found.cloned().unwrap_or_else(default))
        }
        "items" => view(pairs(budget, dict)?),
        "keys" => view(dict.entries.iter().map(|(key, _)| key.clone()).collect()),
        "values" => view(
            dict.entries
                .iter()
                .map(|(_, value)| value.clone())
                .collect(),
        ),
        _ => Ok(Value::Dict(dict.clone())),
    }
}

/// Keys with their values.
pub(super) fn pairs(budget: &Budget, dict: &Dict) -> Run<Vec<Value>> {
    budget.values(2 * dict.entries.len())?;
    let pair = |(key, value): &(Value, Value)| {
        List::value(ListKind::Tuple, vec![key.clone(), value.clone()])
    };
    dict.entries.iter().map(pair).collect()
}

fn list_method(budget: &Budget, list: &Rc<List>, name: &str, call: &Call) -> Run<Value> {
    if name == "copy" {
        return Ok(Value::List(list.clone()));
    }
    let wanted = call.need(0, "value")?;
    let mut n_found = 0;
    for (idx, item) in list.items.iter().enumerate() {
        if equal(budget, item, wanted)? {
            if name == "index" {
                return Ok(Value::Int(idx as i64));
            }
            n_found += 1;
        }
    }
    match name {
        "count" => Ok(Value::Int(n_found)),
        _ => wrong("the value is not in the list"),
    }
}

/// `value[start:stop:step]`
pub(super) fn slice(budget: &Budget, value: &Value, parts: [Option<i64>; 3]) -> Run<Value> {
    let [start, stop, step] = parts;
    let step = step.unwrap_or(1);
    if step == 0 {
        return wrong("slice step cannot be zero");
    }
    match value.defined()? {
        Value::Str(text) => {
            budget.bytes(text.len().saturating_mul(16))?;
            let offsets: Vec<usize> = text
                .as_str()
                .char_indices()
                .map(|(at, _)| at)
                .chain([text.len()])
                .collect();
            let picked = picks(start, stop, step, offsets.len() - 1);
            if step == 1 {
                let range = picked
                    .first()
                    .zip(picked.last())
                    .map(|(first, last)| offsets[*first]..offsets[last + 1]);
                return text.slice(budget, range.unwrap_or(0..0)).map(Value::Str);
            }
            let mut out = super::text::TextBuilder::new();
            for idx in picked {
                out.push_range(budget, text, offsets[idx]..offsets[idx + 1])?;
            }
            Ok(Value::Str(out.finish()))
        }
        Value::List(_) | Value::Range(_) => {
            let items = super::ops::iterate(budget, value)?;
            let kind = match value {
                Value::List(list) if list.kind == ListKind::Tuple => ListKind::Tuple,
                Value::List(list) if list.kind != ListKind::List => {
                    return Ok(missing(value, "slice"));
                }
                _ => ListKind::List,
            };
            let picked = picks(start, stop, step, items.len());
            List::value(
                kind,
                picked.into_iter().map(|idx| items[idx].clone()).collect(),
            )
        }
        _ => Ok(missing(value, "slice")),
    }
}

/// The places that a slice takes.
fn picks(start: Option<i64>, stop: Option<i64>, step: i64, len: usize) -> Vec<usize> {
    let len = len as i64;
    let (low, high) = if step > 0 { (0, len) } else { (-1, len - 1) };
    let place = |at: i64| {
        let at = if at < 0 { at.saturating_add(len) } else { at };
        at.clamp(low, high)
    };
    let mut at = start.map_or(if step > 0 { low } else { high }, place);
    let stop = stop.map_or(if step > 0 { high } else { low }, place);
    let mut picked = Vec::new();
    while if step > 0 { at < stop } else { at > stop } {
        picked.push(at as usize);
        at = at.saturating_add(step);
    }
    picked
}
