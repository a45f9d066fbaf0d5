//! Arguments of a call, evaluated.

use std::sync::Arc;

use super::budget::{Run, wrong};
use super::text::Text;
use super::value::Value;

/// What something is called with.
#[derive(Debug, Default)]
pub(super) struct Call {
    pub(super) positional: Vec<Value>,
    pub(super) named: Vec<(Arc<str>, Value)>,
}

impl Call {
    /// An argument by its place or its name.
    pub(super) fn get(&self, idx: usize, name: &str) -> Option<&Value> {
        let named = || {
            self.named
                .iter()
                .find(|(known, _)| &**known == name)
                .map(|(_, value)| value)
        };
        self.positional.get(idx).or_else(named)
    }

    pub(super) fn need(&self, idx: usize, name: &str) -> Run<&Value> {
        match self.get(idx, name) {
            Some(value) => Ok(value),
            None => wrong(format!("expected an argument \"{name}\", found none")),
        }
    }

    pub(super) fn text(&self, idx: usize, name: &str) -> Run<&Text> {
        match self.need(idx, name)?.defined()? {
            Value::Str(text) => Ok(text),
            other => wrong(format!("\"{name}\" must be str, not {}", other.type_name())),
        }
    }

    pub(super) fn int(&self, idx: usize, name: &str, default: i64) -> Run<i64> {
        match self.get(idx, name) {
            None => Ok(default),
            Some(value) => match value.defined()?.as_int() {
                Some(value) => Ok(value),
                None => wrong(format!("\"{name}\" must be int, not {}", value.type_name())),
            },
        }
    }

    /// A width or a number of things: nothing below 0, and at most what memory can have.
    pub(super) fn count(&self, idx: usize, name: &str, default: usize) -> Run<usize> {
        Ok(match self.get(idx, name) {
            None => default,
            Some(_) => count(self.int(idx, name, 0)?),
        })
    }

    pub(super) fn is_true(&self, idx: usize, name: &str) -> bool {
        self.get(idx, name).is_some_and(Value::is_true)
    }
}

/// A number of things: nothing below 0, and at most what memory can have, which is less in wasm than a number can say.
pub(super) fn count(n: i64) -> usize {
    usize::try_from(n.max(0)).unwrap_or(usize::MAX)
}
