//! Metadata values as JSON.

use ggweb_gguf::{Array, Value};
use serde_json::{Value as Json, json};

/// A metadata value as JSON: bytes that are not UTF-8 become U+FFFD, and NaN and infinities become null.
pub(crate) fn value(value: &Value) -> Json {
    match value {
        Value::U8(value) => json!(value),
        Value::I8(value) => json!(value),
        Value::U16(value) => json!(value),
        Value::I16(value) => json!(value),
        Value::U32(value) => json!(value),
        Value::I32(value) => json!(value),
        Value::F32(value) => json!(value),
        Value::Bool(value) => json!(value),
        Value::String(bytes) => json!(String::from_utf8_lossy(bytes)),
        Value::Array(items) => array(items),
        Value::U64(value) => json!(value),
        Value::I64(value) => json!(value),
        Value::F64(value) => json!(value),
    }
}

fn array(items: &Array) -> Json {
    match items {
        Array::U8(items) => json!(items),
        Array::I8(items) => json!(items),
        Array::U16(items) => json!(items),
        Array::I16(items) => json!(items),
        Array::U32(items) => json!(items),
        Array::I32(items) => json!(items),
        Array::F32(items) => json!(items),
        Array::Bool(items) => json!(items),
        Array::String(items) => items
            .iter()
            .map(|bytes| json!(String::from_utf8_lossy(bytes)))
            .collect(),
        Array::Array(items) => items.iter().map(array).collect(),
        Array::U64(items) => json!(items),
        Array::I64(items) => json!(items),
        Array::F64(items) => json!(items),
    }
}
