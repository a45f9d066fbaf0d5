//! What follows `is`.

use super::ast::CompareOp;
use super::budget::{Budget, Run, wrong};
use super::call::Call;
use super::ops::compare;
use super::value::{ListKind, Value};

/// Whether `value is name(...)`.
pub(super) fn test(budget: &Budget, name: &str, value: &Value, call: &Call) -> Run<bool> {
    let against = |op: CompareOp| compare(budget, op, value, call.need(0, "other")?);
    let has_case = |is: fn(char) -> bool, is_not: fn(char) -> bool| {
        let text = value.as_str().unwrap_or("");
        text.chars().any(is) && !text.chars().any(is_not)
    };
    Ok(match name {
        "defined" => !matches!(value, Value::Undefined(_)),
        "undefined" => matches!(value, Value::Undefined(_)),
        "none" => matches!(value, Value::None),
        "boolean" => matches!(value, Value::Bool(_)),
        "true" => matches!(value, Value::Bool(true)),
        "false" => matches!(value, Value::Bool(false)),
        "integer" => matches!(value, Value::Int(_)),
        "float" => matches!(value, Value::Float(_)),
        "number" => value.as_float().is_some(),
        "string" => matches!(value, Value::Str(_)),
        "mapping" => matches!(value, Value::Dict(_)),
        "iterable" => matches!(
            value,
            Value::Undefined(_)
                | Value::Str(_)
                | Value::List(_)
                | Value::Dict(_)
                | Value::Range(_)
                | Value::Loop(_)
        ),
        "sequence" => match value {
            Value::Str(_) | Value::Dict(_) | Value::Range(_) | Value::Undefined(_) => true,
            Value::List(list) => matches!(list.kind, ListKind::List | ListKind::Tuple),
            _ => false,
        },
        "callable" => matches!(
            value,
            Value::Macro(_) | Value::Function(_) | Value::Method(_) | Value::Loop(_)
        ),
        "escaped" => matches!(value, Value::Str(text) if text.is_markup),
        "lower" => has_case(char::is_lowercase, char::is_uppercase),
        "upper" => has_case(char::is_uppercase, char::is_lowercase),
        "even" => rest_of_division(value, 2)? == 0.0,
        "odd" => rest_of_division(value, 2)? == 1.0,
        "divisibleby" => rest_of_division(value, call.int(0, "num", 1)?)? == 0.0,
        "eq" | "equalto" | "==" => against(CompareOp::Eq)?,
        "ne" | "!=" => against(CompareOp::Ne)?,
        "lt" | "lessthan" | "<" => against(CompareOp::Lt)?,
        "le" | "<=" => against(CompareOp::Le)?,
        "gt" | "greaterthan" | ">" => against(CompareOp::Gt)?,
        "ge" | ">=" => against(CompareOp::Ge)?,
        "in" => against(CompareOp::In)?,
        "sameas" => {
            let other = call.need(0, "other")?;
            let is_same_type = value.type_name() == other.type_name();
            is_same_type && compare(budget, CompareOp::Eq, value, other)?
        }
        _ => return wrong(format!("No test named '{name}'.")),
    })
}

fn rest_of_division(value: &Value, by: i64) -> Run<f64> {
    match value.defined()?.as_float() {
        Some(value) if by != 0 => Ok(value.rem_euclid(by as f64)),
        _ => wrong(format!(
            "expected a number to divide by {by}, found {}",
            value.type_name()
        )),
    }
}
