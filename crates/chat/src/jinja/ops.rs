//! Operators on values.

use std::cmp::Ordering;

use super::ast::{BinaryOp, CompareOp};
use super::budget::{Budget, Fault, Run, wrong};
use super::call::count;
use super::filters::escape;
use super::format::printf;
use super::show::to_text;
use super::text::{Text, TextBuilder};
use super::value::{List, ListKind, Value};

/// `left op right`.
pub(super) fn binary(budget: &Budget, op: BinaryOp, left: &Value, right: &Value) -> Run<Value> {
    if op == BinaryOp::Concat {
        let mut out = TextBuilder::new();
        out.push(budget, &to_text(budget, left)?)?;
        out.push(budget, &to_text(budget, right)?)?;
        return Ok(Value::Str(out.finish()));
    }
    left.defined()?;
    right.defined()?;
    match (op, left, right) {
        (BinaryOp::Add, Value::Str(left), Value::Str(right)) => add_texts(budget, left, right),
        (BinaryOp::Add, Value::List(left), Value::List(right))
            if left.kind == right.kind && matches!(left.kind, ListKind::List | ListKind::Tuple) =>
        {
            budget.values(left.items.len() + right.items.len())?;
            let items = left.items.iter().chain(&right.items).cloned().collect();
            List::value(left.kind, items)
        }
        (BinaryOp::Add, Value::Str(_), _) => wrong(format!(
            "can only concatenate str (not \"{}\") to str",
            right.type_name()
        )),
        (BinaryOp::Mul, Value::Str(_) | Value::List(_), _) if right.as_int().is_some() => {
            repeat(budget, left, right.as_int().unwrap_or(0))
        }
        (BinaryOp::Mul, _, Value::Str(_) | Value::List(_)) if left.as_int().is_some() => {
            repeat(budget, right, left.as_int().unwrap_or(0))
        }
        (BinaryOp::Mod, Value::Str(format), _) => Ok(Value::Str(printf(budget, format, right)?)),
        _ => match (left.as_int(), right.as_int()) {
            (Some(left), Some(right)) => ints(op, left, right),
            _ => match (left.as_float(), right.as_float()) {
                (Some(left), Some(right)) => floats(op, left, right),
                _ => wrong(format!(
                    "unsupported operand types for {op:?}: '{}' and '{}'",
                    left.type_name(),
                    right.type_name()
                )),
            },
        },
    }
}

/// What is added to text that a filter marked as safe is escaped.
fn add_texts(budget: &Budget, left: &Text, right: &Text) -> Run<Value> {
    let is_markup = left.is_markup || right.is_markup;
    let mut out = TextBuilder::new();
    for text in [left, right] {
        match is_markup && !text.is_markup {
            true => out.push(budget, &escape(budget, text)?)?,
            false => out.push(budget, text)?,
        }
    }
    let mut sum = out.finish();
    sum.is_markup = is_markup;
    Ok(Value::Str(sum))
}

fn repeat(budget: &Budget, value: &Value, n: i64) -> Run<Value> {
    let n = count(n);
    match value {
        Value::Str(text) => {
            // Paid for before it is made.
            budget.bytes(text.len().saturating_mul(n))?;
            let mut out = TextBuilder::new();
            for _ in 0..if text.is_empty() { 0 } else { n } {
                out.push(budget, text)?;
            }
            Ok(Value::Str(out.finish()))
        }
        Value::List(list) => {
            budget.values(list.items.len().saturating_mul(n))?;
            let mut items = Vec::new();
            for _ in 0..if list.items.is_empty() { 0 } else { n } {
                items.extend_from_slice(&list.items);
            }
            List::value(list.kind, items)
        }
        _ => wrong("only strings and lists can be repeated"),
    }
}

fn ints(op: BinaryOp, left: i64, right: i64) -> Run<Value> {
    let is_division = matches!(op, BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Mod);
    if is_division && right == 0 {
        return wrong("division by zero");
    }
    let value = match op {
        BinaryOp::Add => left.checked_add(right),
        BinaryOp::Sub => left.checked_sub(right),
        BinaryOp::Mul => left.checked_mul(right),
        BinaryOp::Div => return Ok(Value::Float(left as f64 / right as f64)),
        BinaryOp::FloorDiv => {
            let is_exact = left.checked_rem(right) == Some(0);
            let less = i64::from(!is_exact && (left < 0) != (right < 0));
            left.checked_div(right).map(|quotient| quotient - less)
        }
        BinaryOp::Mod => left.checked_rem(right).map(|rest| {
            let is_other_sign = rest != 0 && (rest < 0) != (right < 0);
            if is_other_sign { rest + right } else { rest }
        }),
        BinaryOp::Pow if right < 0 => return Ok(Value::Float((left as f64).powf(right as f64))),
        BinaryOp::Pow => u32::try_from(right)
            .ok()
            .and_then(|right| left.checked_pow(right)),
        BinaryOp::Concat => None,
    };
    match value {
        Some(value) => Ok(Value::Int(value)),
        None => Err(Fault::Limit("64 bits in a number".to_owned())),
    }
}

fn floats(op: BinaryOp, left: f64, right: f64) -> Run<Value> {
    let is_division = matches!(op, BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Mod);
    if is_division && right == 0.0 {
        return wrong("division by zero");
    }
    Ok(Value::Float(match op {
        BinaryOp::Add => left + right,
        BinaryOp::Sub => left - right,
        BinaryOp::Mul => left * right,
        BinaryOp::Div => left / right,
        BinaryOp::FloorDiv => (left / right).floor(),
        BinaryOp::Mod => left - right * (left / right).floor(),
        BinaryOp::Pow => left.powf(right),
        BinaryOp::Concat => return wrong("numbers are no text"),
    }))
}

/// `left op right`, true or false.
pub(super) fn compare(budget: &Budget, op: CompareOp, left: &Value, right: &Value) -> Run<bool> {
    let ordered = |is: fn(Ordering) -> bool| Ok(order(budget, left, right)?.is_some_and(is));
    match op {
        CompareOp::Eq => equal(budget, left, right),
        CompareOp::Ne => Ok(!equal(budget, left, right)?),
        CompareOp::Lt => ordered(Ordering::is_lt),
        CompareOp::Le => ordered(Ordering::is_le),
        CompareOp::Gt => ordered(Ordering::is_gt),
        CompareOp::Ge => ordered(Ordering::is_ge),
        CompareOp::In => contains(budget, right, left),
        CompareOp::NotIn => Ok(!contains(budget, right, left)?),
    }
}

pub(super) fn equal(budget: &Budget, left: &Value, right: &Value) -> Run<bool> {
    budget.steps(1)?;
    Ok(match (left, right) {
        (Value::Undefined(_), Value::Undefined(_)) | (Value::None, Value::None) => true,
        (Value::Str(left), Value::Str(right)) => {
            if left.len() != right.len() {
                return Ok(false);
            }
            budget.bytes(left.len() / 8)?;
            left.as_str() == right.as_str()
        }
        (Value::List(left), Value::List(right)) => {
            if left.kind != right.kind || left.items.len() != right.items.len() {
                return Ok(false);
            }
            for (left, right) in left.items.iter().zip(&right.items) {
                if !equal(budget, left, right)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Dict(left), Value::Dict(right)) => {
            if left.entries.len() != right.entries.len() {
                return Ok(false);
            }
            for (key, value) in &left.entries {
                match find(budget, &right.entries, key)? {
                    Some(other) if equal(budget, value, other)? => {}
                    _ => return Ok(false),
                }
            }
            true
        }
        (Value::Range(left), Value::Range(right)) => left == right,
        (Value::Namespace(left), Value::Namespace(right)) => std::rc::Rc::ptr_eq(left, right),
        (Value::Macro(left), Value::Macro(right)) => std::rc::Rc::ptr_eq(left, right),
        (Value::Function(left), Value::Function(right)) => left == right,
        _ => match (left.as_int(), right.as_int()) {
            (Some(left), Some(right)) => left == right,
            _ => {
                matches!((left.as_float(), right.as_float()), (Some(left), Some(right)) if left == right)
            }
        },
    })
}

/// The value of a key.
pub(super) fn find<'a>(
    budget: &Budget,
    entries: &'a [(Value, Value)],
    key: &Value,
) -> Run<Option<&'a Value>> {
    for (known, value) in entries {
        if equal(budget, known, key)? {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// The order of two values; none if a number is not a number.
pub(super) fn order(budget: &Budget, left: &Value, right: &Value) -> Run<Option<Ordering>> {
    budget.steps(1)?;
    match (left.defined()?, right.defined()?) {
        (Value::Str(left), Value::Str(right)) => {
            budget.bytes(left.len().min(right.len()) / 8)?;
            Ok(Some(left.as_str().cmp(right.as_str())))
        }
        (Value::List(left), Value::List(right)) if left.kind == right.kind => {
            for (left, right) in left.items.iter().zip(&right.items) {
                if !equal(budget, left, right)? {
                    return order(budget, left, right);
                }
            }
            Ok(Some(left.items.len().cmp(&right.items.len())))
        }
        _ => match (left.as_int(), right.as_int()) {
            (Some(left), Some(right)) => Ok(Some(left.cmp(&right))),
            _ => match (left.as_float(), right.as_float()) {
                (Some(left), Some(right)) => Ok(left.partial_cmp(&right)),
                _ => wrong(format!(
                    "'{}' and '{}' have no order",
                    left.type_name(),
                    right.type_name()
                )),
            },
        },
    }
}

/// `item in container`.
pub(super) fn contains(budget: &Budget, container: &Value, item: &Value) -> Run<bool> {
    match container {
        Value::Undefined(_) => Ok(false),
        Value::Str(text) => match item {
            Value::Str(part) => {
                budget.bytes(text.len())?;
                Ok(text.as_str().contains(part.as_str()))
            }
            _ => wrong(format!(
                "'in <string>' requires string as left operand, not {}",
                item.type_name()
            )),
        },
        Value::List(list) => {
            for value in &list.items {
                if equal(budget, value, item)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Value::Dict(dict) => Ok(find(budget, &dict.entries, item)?.is_some()),
        Value::Range(range) => Ok(item.as_int().is_some_and(|item| {
            let (distance, step) = (
                i128::from(item) - i128::from(range.start),
                i128::from(range.step),
            );
            distance % step == 0 && (0..range.len as i128).contains(&(distance / step))
        })),
        _ => wrong(format!(
            "argument of type '{}' is not iterable",
            container.type_name()
        )),
    }
}

/// The items of what can be looped over.
pub(super) fn iterate(budget: &Budget, value: &Value) -> Run<Vec<Value>> {
    match value {
        Value::Undefined(_) => Ok(Vec::new()),
        Value::Str(text) => {
            budget.values(text.len())?;
            let chars = text.as_str().char_indices();
            let chars =
                chars.map(|(at, c)| text.slice(budget, at..at + c.len_utf8()).map(Value::Str));
            chars.collect()
        }
        Value::List(list) => {
            budget.values(list.items.len())?;
            Ok(list.items.clone())
        }
        Value::Dict(dict) => {
            budget.values(dict.entries.len())?;
            Ok(dict.entries.iter().map(|(key, _)| key.clone()).collect())
        }
        Value::Range(range) => {
            budget.values(range.len)?;
            Ok((0..range.len).map(|idx| range.at(idx)).collect())
        }
        _ => wrong(format!("'{}' object is not iterable", value.type_name())),
    }
}
