//! Functions that every template can call.

use std::rc::Rc;

use super::budget::{Fault, Run, wrong};
use super::call::Call;
use super::eval::Machine;
use super::ops::{equal, iterate};
use super::show::to_text;
use super::value::{Dict, Namespace, RangeOf, Value};

/// As in Jinja's sandbox.
const RANGE_MAX: usize = 100_000;

/// A function of the language, and not of the template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Range,
    Namespace,
    Dict,
    RaiseException,
    StrftimeNow,
}

impl Function {
    /// The function of a name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "range" => Self::Range,
            "namespace" => Self::Namespace,
            "dict" => Self::Dict,
            "raise_exception" => Self::RaiseException,
            "strftime_now" => Self::StrftimeNow,
            _ => return None,
        })
    }

    pub(super) fn call(self, machine: &Machine<'_>, call: Call) -> Run<Value> {
        let budget = &machine.budget;
        match self {
            Self::Range => range(&call),
            Self::Namespace => {
                let entries = entries(machine, call)?.into_iter();
                let named =
                    entries.map(|(key, value)| Ok((to_text(budget, &key)?.as_str().into(), value)));
                let namespace = Rc::new(Namespace {
                    entries: std::cell::RefCell::new(named.collect::<Run<_>>()?),
                });
                machine.keep(&namespace);
                Ok(Value::Namespace(namespace))
            }
            Self::Dict => Dict::value(entries(machine, call)?),
            Self::RaiseException => {
                let message = to_text(budget, call.need(0, "message")?)?;
                Err(Fault::Raised(message.as_str().to_owned()))
            }
            Self::StrftimeNow => {
                let format = call.text(0, "format")?;
                match machine.now {
                    Some(now) => {
                        budget.bytes(format.len() * 16)?;
                        Ok(Value::template(&now.format(format.as_str())))
                    }
                    None => wrong("the template asks for the date; pass the time of the render"),
                }
            }
        }
    }
}

fn range(call: &Call) -> Run<Value> {
    let (start, stop) = match call.positional.len() {
        1 => (0, call.int(0, "stop", 0)?),
        _ => (call.int(0, "start", 0)?, call.int(1, "stop", 0)?),
    };
    let step = call.int(2, "step", 1)?;
    if step == 0 {
        return wrong("range() arg 3 must not be zero");
    }
    let distance = i128::from(stop) - i128::from(start);
    let (distance, size) = if step > 0 {
        (distance, i128::from(step))
    } else {
        (-distance, -i128::from(step))
    };
    let len = if distance > 0 {
        (distance + size - 1) / size
    } else {
        0
    };
    match usize::try_from(len) {
        Ok(len) if len <= RANGE_MAX => Ok(Value::Range(RangeOf { start, step, len })),
        _ => Err(Fault::Limit(format!("{RANGE_MAX} numbers in a range"))),
    }
}

/// The entries of a dictionary or pairs, and the named arguments behind them.
fn entries(machine: &Machine<'_>, call: Call) -> Run<Vec<(Value, Value)>> {
    let budget = &machine.budget;
    let mut entries: Vec<(Value, Value)> = match call.positional.first() {
        None => Vec::new(),
        Some(Value::Dict(dict)) => dict.entries.clone(),
        Some(pairs) => {
            let mut entries = Vec::new();
            for pair in iterate(budget, pairs)? {
                match iterate(budget, &pair)?.as_slice() {
                    [key, value] => set(machine, &mut entries, key.clone(), value.clone())?,
                    _ => return wrong("expected pairs of a key and a value"),
                }
            }
            entries
        }
    };
    for (name, value) in call.named {
        set(machine, &mut entries, Value::template(&name), value)?;
    }
    budget.values(2 * entries.len())?;
    Ok(entries)
}

/// Sets the value of a key.
pub(super) fn set(
    machine: &Machine<'_>,
    entries: &mut Vec<(Value, Value)>,
    key: Value,
    value: Value,
) -> Run<()> {
    if !matches!(
        key,
        Value::Str(_) | Value::Int(_) | Value::Bool(_) | Value::Float(_) | Value::None
    ) {
        let is_tuple =
            matches!(&key, Value::List(list) if list.kind == super::value::ListKind::Tuple);
        if !is_tuple {
            return wrong(format!("unhashable type: '{}'", key.type_name()));
        }
    }
    for (known, old) in entries.iter_mut() {
        if equal(&machine.budget, known, &key)? {
            *old = value;
            return Ok(());
        }
    }
    entries.push((key, value));
    Ok(())
}
