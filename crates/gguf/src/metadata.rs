//! The key-value part of a header, with typed access.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::{Array, Error, Result, Strings, Value};

/// A file's metadata, in the file's order.
///
/// The typed getters give `Ok(None)` for an absent key and an error for a value of another type, so that a malformed
/// value is never taken for a missing one.
///
/// ```
/// use ggweb_gguf::Metadata;
///
/// let metadata: Metadata = [("llama.block_count", 2_u64.into())].into_iter().collect();
/// assert_eq!(metadata.u32("llama.block_count")?, Some(2)); // any integer type that fits
/// assert_eq!(metadata.u32("llama.expert_count")?, None);
/// let error = metadata.str("llama.block_count").unwrap_err();
/// assert_eq!(error.to_string(), "metadata \"llama.block_count\": expected string, found u64");
/// # Ok::<(), ggweb_gguf::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    entries: Vec<(String, Value)>,
    index: HashMap<String, usize>,
}

impl Metadata {
    /// The value of `key`, if the file has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.index.get(key).map(|&idx| &self.entries[idx].1)
    }

    /// All entries in the file's order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.entries
            .iter()
            .map(|(key, value)| (key.as_str(), value))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Sets `key`, in place of the old value if there is one.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        match self.index.get(key) {
            Some(&idx) => self.entries[idx].1 = value.into(),
            None => {
                self.index.insert(key.to_owned(), self.entries.len());
                self.entries.push((key.to_owned(), value.into()));
            }
        }
    }

    /// The integer at `key`, of any integer type, if it fits.
    ///
    /// # Errors
    /// [`Error::WrongType`] if it is no integer, [`Error::OutOfRange`] if it does not fit.
    pub fn u32(&self, key: &str) -> Result<Option<u32>> {
        self.integer(key, "u32")
    }

    /// As [`Self::u32`], for 64 bits.
    ///
    /// # Errors
    /// As [`Self::u32`].
    pub fn u64(&self, key: &str) -> Result<Option<u64>> {
        self.integer(key, "u64")
    }

    /// The number at `key`, stored as f32 or f64.
    ///
    /// # Errors
    /// [`Error::WrongType`] if it is neither.
    pub fn f32(&self, key: &str) -> Result<Option<f32>> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::F32(value)) => Ok(Some(*value)),
            Some(Value::F64(value)) => Ok(Some(*value as f32)),
            Some(other) => Err(wrong_type(key, "f32", other)),
        }
    }

    /// The truth value at `key`.
    ///
    /// # Errors
    /// [`Error::WrongType`] if it is another type.
    pub fn bool(&self, key: &str) -> Result<Option<bool>> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(other) => Err(wrong_type(key, "bool", other)),
        }
    }

    /// The text at `key`.
    ///
    /// # Errors
    /// [`Error::WrongType`] if it is another type or not UTF-8.
    pub fn str(&self, key: &str) -> Result<Option<&str>> {
        let Some(bytes) = self.bytes(key)? else {
            return Ok(None);
        };
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(Error::WrongType {
                key: key.to_owned(),
                expected: "string",
                found: "string that is not UTF-8",
            }),
        }
    }

    /// The bytes of the string at `key`, UTF-8 or not.
    ///
    /// # Errors
    /// [`Error::WrongType`] if it is another type.
    pub fn bytes(&self, key: &str) -> Result<Option<&[u8]>> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(bytes)) => Ok(Some(bytes)),
            Some(other) => Err(wrong_type(key, "string", other)),
        }
    }

    /// The strings at `key`.
    ///
    /// # Errors
    /// [`Error::WrongType`] if it is another type.
    pub fn strings(&self, key: &str) -> Result<Option<&Strings>> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Array(Array::String(strings))) => Ok(Some(strings)),
            Some(other) => Err(wrong_type(key, "array of string", other)),
        }
    }

    /// The numbers at `key`, stored as f32 or f64; lent if they are f32.
    ///
    /// # Errors
    /// [`Error::WrongType`] if it is another type.
    pub fn f32s(&self, key: &str) -> Result<Option<Cow<'_, [f32]>>> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Array(Array::F32(items))) => Ok(Some(Cow::Borrowed(items))),
            Some(Value::Array(Array::F64(items))) => {
                Ok(Some(items.iter().map(|&item| item as f32).collect()))
            }
            Some(other) => Err(wrong_type(key, "array of f32", other)),
        }
    }

    /// The integers at `key`, of any integer type, if all fit; lent if they are i32.
    ///
    /// # Errors
    /// [`Error::WrongType`] if it is no array of integers, [`Error::OutOfRange`] if one does not fit.
    pub fn i32s(&self, key: &str) -> Result<Option<Cow<'_, [i32]>>> {
        if let Some(Value::Array(Array::I32(items))) = self.get(key) {
            return Ok(Some(Cow::Borrowed(items)));
        }
        Ok(self.integers(key, "i32", "array of i32")?.map(Cow::Owned))
    }

    /// As [`Self::i32s`], for u32.
    ///
    /// # Errors
    /// As [`Self::i32s`].
    pub fn u32s(&self, key: &str) -> Result<Option<Cow<'_, [u32]>>> {
        if let Some(Value::Array(Array::U32(items))) = self.get(key) {
            return Ok(Some(Cow::Borrowed(items)));
        }
        Ok(self.integers(key, "u32", "array of u32")?.map(Cow::Owned))
    }

    fn integer<T: TryFrom<i128>>(&self, key: &str, expected: &'static str) -> Result<Option<T>> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let number = value
            .as_integer()
            .ok_or_else(|| wrong_type(key, expected, value))?;
        fit(key, number, expected).map(Some)
    }

    fn integers<T: TryFrom<i128>>(
        &self,
        key: &str,
        expected: &'static str,
        expected_array: &'static str,
    ) -> Result<Option<Vec<T>>> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        let numbers = match value {
            Value::Array(array) => array.to_integers(),
            _ => None,
        };
        let numbers = numbers.ok_or_else(|| wrong_type(key, expected_array, value))?;
        numbers
            .into_iter()
            .map(|number| fit(key, number, expected))
            .collect::<Result<_>>()
            .map(Some)
    }
}

impl<K: AsRef<str>> FromIterator<(K, Value)> for Metadata {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(entries: I) -> Self {
        let mut metadata = Self::default();
        for (key, value) in entries {
            metadata.set(key.as_ref(), value);
        }
        metadata
    }
}

fn wrong_type(key: &str, expected: &'static str, value: &Value) -> Error {
    Error::WrongType {
        key: key.to_owned(),
        expected,
        found: value.type_name(),
    }
}

fn fit<T: TryFrom<i128>>(key: &str, found: i128, expected: &'static str) -> Result<T> {
    T::try_from(found).ok().ok_or_else(|| Error::OutOfRange {
        key: key.to_owned(),
        expected,
        found,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(value: impl Into<Value>) -> Metadata {
        [("k", value.into())].into_iter().collect()
    }

    #[test]
    fn absent_is_none() {
        let empty = Metadata::default();
        assert_eq!(empty.u32("k"), Ok(None));
        assert_eq!(empty.f32("k"), Ok(None));
        assert_eq!(empty.bool("k"), Ok(None));
        assert_eq!(empty.str("k"), Ok(None));
        assert_eq!(empty.strings("k"), Ok(None));
        assert_eq!(empty.f32s("k"), Ok(None));
        assert_eq!(empty.i32s("k"), Ok(None));
        assert_eq!(empty.u32s("k"), Ok(None));
    }

    #[test]
    fn integers_of_any_width_that_fit() {
        assert_eq!(metadata(7_u8).u32("k"), Ok(Some(7)));
        assert_eq!(metadata(7_i64).u32("k"), Ok(Some(7)));
        assert_eq!(metadata(u64::MAX).u64("k"), Ok(Some(u64::MAX)));
        assert_eq!(
            metadata(vec![1_u32, 2])
                .i32s("k")
                .unwrap()
                .unwrap()
                .as_ref(),
            [1, 2]
        );
        assert_eq!(
            metadata(vec![1_i32, 2])
                .u32s("k")
                .unwrap()
                .unwrap()
                .as_ref(),
            [1, 2]
        );
        assert_eq!(
            metadata(vec![1.5_f64]).f32s("k").unwrap().unwrap().as_ref(),
            [1.5]
        );
    }

    #[test]
    fn messages_name_key_expected_and_found() {
        let message = |error: Option<Error>| error.unwrap().to_string();
        assert_eq!(
            message(metadata(-1_i32).u32("k").err()),
            "metadata \"k\": -1 does not fit u32"
        );
        assert_eq!(
            message(metadata(1_u64 << 32).u32("k").err()),
            "metadata \"k\": 4294967296 does not fit u32"
        );
        assert_eq!(
            message(metadata(1.0_f32).u32("k").err()),
            "metadata \"k\": expected u32, found f32"
        );
        assert_eq!(
            message(metadata(1_u32).f32("k").err()),
            "metadata \"k\": expected f32, found u32"
        );
        assert_eq!(
            message(metadata("x").bool("k").err()),
            "metadata \"k\": expected bool, found string"
        );
        assert_eq!(
            message(metadata(Value::String(vec![0xff])).str("k").err()),
            "metadata \"k\": expected string, found string that is not UTF-8"
        );
        assert_eq!(
            message(metadata(vec![1_u32]).strings("k").err()),
            "metadata \"k\": expected array of string, found array of u32"
        );
        assert_eq!(
            message(metadata(vec![u32::MAX]).i32s("k").err()),
            "metadata \"k\": 4294967295 does not fit i32"
        );
        assert_eq!(
            message(metadata(3_u32).u32s("k").err()),
            "metadata \"k\": expected array of u32, found u32"
        );
    }

    #[test]
    fn set_replaces_in_place() {
        let mut metadata = metadata(1_u32);
        metadata.set("l", 2_u32);
        metadata.set("k", "text");
        assert_eq!(metadata.len(), 2);
        assert_eq!(
            metadata.iter().map(|(key, _)| key).collect::<Vec<_>>(),
            ["k", "l"]
        );
        assert_eq!(metadata.str("k"), Ok(Some("text")));
    }
}
