//! Filters that go through a sequence.

use std::rc::Rc;
use std::sync::Arc;

use super::budget::{Run, wrong};
use super::call::Call;
use super::eval::Machine;
use super::filters::{fold_case, sort, sum};
use super::methods;
use super::ops::{equal, iterate, order};
use super::show::to_text;
use super::str_methods::join;
use super::tests_is::test;
use super::text::Text;
use super::value::{List, ListKind, Value};

/// Runs a filter; none if it is none of these.
pub(super) fn filter(
    machine: &Machine<'_>,
    name: &str,
    value: &Value,
    call: &Call,
) -> Run<Option<Value>> {
    let budget = &machine.budget;
    let items = || iterate(budget, value);
    let lazy = |items: Vec<Value>| List::value(ListKind::Generator, items);
    // These go through what is empty or nothing without a word.
    let items_if_any = || {
        if value.is_true() {
            items()
        } else {
            Ok(Vec::new())
        }
    };
    Ok(Some(match name {
        "first" | "last" => {
            let items = items()?;
            let found = if name == "first" {
                items.first()
            } else {
                items.last()
            };
            let missing = || Value::undefined(format!("No {name} item, sequence was empty."));
            found.cloned().unwrap_or_else(missing)
        }
        "join" => join_filter(machine, items()?, call)?,
        "reverse" => match value {
            Value::Str(_) => methods::slice(budget, value, [None, None, Some(-1)])?,
            _ => lazy(items()?.into_iter().rev().collect())?,
        },
        "map" => lazy(map(machine, items_if_any()?, call)?)?,
        "select" => lazy(select(machine, items_if_any()?, call, false, true)?)?,
        "reject" => lazy(select(machine, items_if_any()?, call, false, false)?)?,
        "selectattr" => lazy(select(machine, items_if_any()?, call, true, true)?)?,
        "rejectattr" => lazy(select(machine, items_if_any()?, call, true, false)?)?,
        "batch" | "slice" => lazy(batch(machine, items()?, call, name == "slice")?)?,
        _ => return keyed_filter(machine, name, value, call),
    }))
}

/// Those that look at a key of each item.
fn keyed_filter(
    machine: &Machine<'_>,
    name: &str,
    value: &Value,
    call: &Call,
) -> Run<Option<Value>> {
    let budget = &machine.budget;
    let items = || iterate(budget, value);
    let list = |items: Vec<Value>| List::value(ListKind::List, items);
    let lazy = |items: Vec<Value>| List::value(ListKind::Generator, items);
    Ok(Some(match name {
        "sort" => {
            let is_case_sensitive = call.is_true(1, "case_sensitive");
            let keyed = keyed(
                machine,
                items()?,
                call.get(2, "attribute"),
                is_case_sensitive,
            )?;
            list(sort(budget, keyed, call.is_true(0, "reverse"))?)?
        }
        "unique" => {
            let keyed = keyed(
                machine,
                items()?,
                call.get(1, "attribute"),
                call.is_true(0, "case_sensitive"),
            )?;
            lazy(unique(machine, keyed)?)?
        }
        "min" | "max" => {
            let keyed = keyed(
                machine,
                items()?,
                call.get(1, "attribute"),
                call.is_true(0, "case_sensitive"),
            )?;
            extreme(machine, keyed, name == "max")?
        }
        "sum" => {
            let items = match call.get(0, "attribute") {
                Some(path) => items()?
                    .iter()
                    .map(|item| at_path(machine, item, path))
                    .collect::<Run<_>>()?,
                None => items()?,
            };
            sum(
                budget,
                &items,
                call.get(1, "start").cloned().unwrap_or(Value::Int(0)),
            )?
        }
        "groupby" => {
            let keyed = keyed(machine, items()?, Some(call.need(0, "attribute")?), false)?;
            list(groups(machine, keyed)?)?
        }
        _ => return Ok(None),
    }))
}

fn join_filter(machine: &Machine<'_>, items: Vec<Value>, call: &Call) -> Run<Value> {
    let budget = &machine.budget;
    let separator = match call.get(0, "d") {
        Some(separator) => to_text(budget, separator)?,
        None => Text::template(""),
    };
    let text = |item: Value| {
        let item = match call.get(1, "attribute") {
            Some(path) => at_path(machine, &item, path)?,
            None => item,
        };
        to_text(budget, &item).map(Value::Str)
    };
    let texts: Vec<Value> = items.into_iter().map(text).collect::<Run<_>>()?;
    join(budget, &separator, &texts).map(Value::Str)
}

/// An attribute, or one of an attribute, by names and indices with dots between them.
fn at_path(machine: &Machine<'_>, item: &Value, path: &Value) -> Run<Value> {
    let Value::Str(path) = path else {
        return methods::item(&machine.budget, item, path);
    };
    let mut found = item.clone();
    for part in path.as_str().split('.') {
        let key = match part.parse() {
            Ok(idx) => Value::Int(idx),
            Err(_) => Value::template(part),
        };
        found = methods::item(&machine.budget, &found, &key)?;
    }
    Ok(found)
}

/// Items behind what they are sorted by.
fn keyed(
    machine: &Machine<'_>,
    items: Vec<Value>,
    path: Option<&Value>,
    is_case_sensitive: bool,
) -> Run<Vec<(Value, Value)>> {
    let key = |item: Value| {
        let key = match path {
            Some(path) if !matches!(path, Value::None) => at_path(machine, &item, path)?,
            _ => item.clone(),
        };
        Ok((fold_case(&machine.budget, key, is_case_sensitive)?, item))
    };
    items.into_iter().map(key).collect()
}

fn map(machine: &Machine<'_>, items: Vec<Value>, call: &Call) -> Run<Vec<Value>> {
    if let Some((_, path)) = call.named.iter().find(|(name, _)| &**name == "attribute") {
        let default = call.named.iter().find(|(name, _)| &**name == "default");
        let one = |item: Value| match (at_path(machine, &item, path)?, default) {
            (Value::Undefined(_), Some((_, default))) => Ok(default.clone()),
            (found, _) => Ok(found),
        };
        return items.into_iter().map(one).collect();
    }
    let name: Arc<str> = call.text(0, "filter")?.as_str().into();
    let rest = Call {
        positional: call.positional[1..].to_vec(),
        named: call.named.clone(),
    };
    items
        .iter()
        .map(|item| machine.filter(&name, item, &rest))
        .collect()
}

fn select(
    machine: &Machine<'_>,
    items: Vec<Value>,
    call: &Call,
    has_attribute: bool,
    is_wanted: bool,
) -> Run<Vec<Value>> {
    let n_before = usize::from(has_attribute);
    let path = has_attribute
        .then(|| call.need(0, "attribute"))
        .transpose()?;
    let name = call
        .positional
        .get(n_before)
        .map(|name| name.as_str().unwrap_or(""))
        .map(Rc::<str>::from);
    let rest = Call {
        positional: call
            .positional
            .get(n_before + 1..)
            .unwrap_or_default()
            .to_vec(),
        named: Vec::new(),
    };
    let mut selected = Vec::new();
    for item in items {
        machine.budget.steps(1)?;
        let subject = match path {
            Some(path) => at_path(machine, &item, path)?,
            None => item.clone(),
        };
        let is = match &name {
            Some(name) => test(&machine.budget, name, &subject, &rest)?,
            None => subject.is_true(),
        };
        if is == is_wanted {
            selected.push(item);
        }
    }
    Ok(selected)
}

fn unique(machine: &Machine<'_>, keyed: Vec<(Value, Value)>) -> Run<Vec<Value>> {
    let mut seen: Vec<Value> = Vec::new();
    let mut items = Vec::new();
    'items: for (key, item) in keyed {
        for known in &seen {
            if equal(&machine.budget, known, &key)? {
                continue 'items;
            }
        }
        seen.push(key);
        items.push(item);
    }
    Ok(items)
}

fn extreme(machine: &Machine<'_>, keyed: Vec<(Value, Value)>, is_max: bool) -> Run<Value> {
    let mut best: Option<(Value, Value)> = None;
    for (key, item) in keyed {
        let is_better = match &best {
            None => true,
            Some((best, _)) if is_max => {
                order(&machine.budget, &key, best)?.is_some_and(std::cmp::Ordering::is_gt)
            }
            Some((best, _)) => {
                order(&machine.budget, &key, best)?.is_some_and(std::cmp::Ordering::is_lt)
            }
        };
        if is_better {
            best = Some((key, item));
        }
    }
    let missing = || Value::undefined("No aggregated item, sequence was empty.");
    Ok(best.map_or_else(missing, |(_, item)| item))
}

fn batch(
    machine: &Machine<'_>,
    items: Vec<Value>,
    call: &Call,
    into_columns: bool,
) -> Run<Vec<Value>> {
    let n = call.count(0, "linecount", 0)?;
    if n == 0 {
        return wrong("expected a count above 0");
    }
    let fill = call.get(1, "fill_with");
    machine.budget.values(items.len().saturating_add(n))?;
    let list = |items: Vec<Value>| List::value(ListKind::List, items);
    if !into_columns {
        let batch = |items: &[Value]| {
            let fills = fill.into_iter().cycle().take(n - items.len()).cloned();
            list(items.iter().cloned().chain(fills).collect())
        };
        return items.chunks(n).map(batch).collect();
    }
    let (each, n_longer) = (items.len() / n, items.len() % n);
    let mut rest = items.as_slice();
    let mut columns = Vec::new();
    for idx in 0..n {
        let (column, after) = rest.split_at(each + usize::from(idx < n_longer));
        rest = after;
        let filler = fill.filter(|_| n_longer > 0 && idx >= n_longer).cloned();
        columns.push(list(column.iter().cloned().chain(filler).collect())?);
    }
    Ok(columns)
}

/// Pairs of a key and the items that have it.
fn groups(machine: &Machine<'_>, keyed: Vec<(Value, Value)>) -> Run<Vec<Value>> {
    let pairs = keyed.into_iter().map(|(key, item)| {
        let pair = List::value(ListKind::Tuple, vec![key.clone(), item])?;
        Ok((key, pair))
    });
    let sorted = sort(&machine.budget, pairs.collect::<Run<_>>()?, false)?;
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for pair in sorted {
        let key = methods::item(&machine.budget, &pair, &Value::Int(0))?;
        let item = methods::item(&machine.budget, &pair, &Value::Int(1))?;
        match groups.last_mut() {
            Some((known, items)) if equal(&machine.budget, known, &key)? => items.push(item),
            _ => groups.push((key, vec![item])),
        }
    }
    let group = |(key, items)| {
        List::value(
            ListKind::Tuple,
            vec![key, List::value(ListKind::List, items)?],
        )
    };
    groups.into_iter().map(group).collect()
}
