//! Metadata values as the file has them.

/// One metadata value.
#[expect(missing_docs, reason = "the names are the documentation")]
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    U8(u8),
    I8(i8),
    U16(u16),
    I16(i16),
    U32(u32),
    I32(i32),
    F32(f32),
    Bool(bool),
    /// Text as the file has it: UTF-8 by the format's rules, but ggml does not check that and neither does the parser.
    String(Vec<u8>),
    Array(Array),
    U64(u64),
    I64(i64),
    F64(f64),
}

impl Value {
    /// The type in words: `u32`, `string`, `array of f32`.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::U8(_) => "u8",
            Self::I8(_) => "i8",
            Self::U16(_) => "u16",
            Self::I16(_) => "i16",
            Self::U32(_) => "u32",
            Self::I32(_) => "i32",
            Self::F32(_) => "f32",
            Self::Bool(_) => "bool",
            Self::String(_) => "string",
            Self::Array(array) => array.type_name(),
            Self::U64(_) => "u64",
            Self::I64(_) => "i64",
            Self::F64(_) => "f64",
        }
    }

    /// The number, if this is an integer of any width.
    pub const fn as_integer(&self) -> Option<i128> {
        Some(match *self {
            Self::U8(value) => value as i128,
            Self::I8(value) => value as i128,
            Self::U16(value) => value as i128,
            Self::I16(value) => value as i128,
            Self::U32(value) => value as i128,
            Self::I32(value) => value as i128,
            Self::U64(value) => value as i128,
            Self::I64(value) => value as i128,
            _ => return None,
        })
    }
}

/// An array value; all elements have one type.
#[expect(missing_docs, reason = "the names are the documentation")]
#[derive(Debug, Clone, PartialEq)]
pub enum Array {
    U8(Vec<u8>),
    I8(Vec<i8>),
    U16(Vec<u16>),
    I16(Vec<i16>),
    U32(Vec<u32>),
    I32(Vec<i32>),
    F32(Vec<f32>),
    Bool(Vec<bool>),
    String(Strings),
    Array(Vec<Self>),
    U64(Vec<u64>),
    I64(Vec<i64>),
    F64(Vec<f64>),
}

impl Array {
    /// How many elements it has.
    pub fn len(&self) -> usize {
        match self {
            Self::U8(items) => items.len(),
            Self::I8(items) => items.len(),
            Self::U16(items) => items.len(),
            Self::I16(items) => items.len(),
            Self::U32(items) => items.len(),
            Self::I32(items) => items.len(),
            Self::F32(items) => items.len(),
            Self::Bool(items) => items.len(),
            Self::String(items) => items.len(),
            Self::Array(items) => items.len(),
            Self::U64(items) => items.len(),
            Self::I64(items) => items.len(),
            Self::F64(items) => items.len(),
        }
    }

    /// Whether it has no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The type in words: `array of f32`.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::U8(_) => "array of u8",
            Self::I8(_) => "array of i8",
            Self::U16(_) => "array of u16",
            Self::I16(_) => "array of i16",
            Self::U32(_) => "array of u32",
            Self::I32(_) => "array of i32",
            Self::F32(_) => "array of f32",
            Self::Bool(_) => "array of bool",
            Self::String(_) => "array of string",
            Self::Array(_) => "array of array",
            Self::U64(_) => "array of u64",
            Self::I64(_) => "array of i64",
            Self::F64(_) => "array of f64",
        }
    }

    /// The elements as numbers, if they are integers of any width.
    pub fn to_integers(&self) -> Option<Vec<i128>> {
        fn widen<T: Copy + Into<i128>>(items: &[T]) -> Vec<i128> {
            items.iter().map(|&item| item.into()).collect()
        }
        Some(match self {
            Self::U8(items) => widen(items),
            Self::I8(items) => widen(items),
            Self::U16(items) => widen(items),
            Self::I16(items) => widen(items),
            Self::U32(items) => widen(items),
            Self::I32(items) => widen(items),
            Self::U64(items) => widen(items),
            Self::I64(items) => widen(items),
            _ => return None,
        })
    }
}

/// Many strings in one buffer: a vocabulary of 256k tokens is two allocations, not 256k.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strings {
    bytes: Vec<u8>,
    /// Where each string ends in `bytes`. The limit on a header's length keeps these below 2^32.
    ends: Vec<u32>,
}

impl Strings {
    /// No strings, with room for `n_strings`.
    pub(crate) fn with_capacity(n_strings: usize) -> Self {
        Self {
            bytes: Vec::new(),
            ends: Vec::with_capacity(n_strings),
        }
    }

    /// Appends a string.
    ///
    /// # Panics
    /// If all strings together reach 4 GiB; a parsed header cannot.
    pub fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        let end = u32::try_from(self.bytes.len());
        self.ends
            .push(end.expect("strings of one array together stay below 4 GiB"));
    }

    /// How many strings there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The bytes of string `idx`, if there is one. Tokens need not be UTF-8.
    pub fn get(&self, idx: usize) -> Option<&[u8]> {
        let end = *self.ends.get(idx)? as usize;
        let start = if idx == 0 {
            0
        } else {
            self.ends[idx - 1] as usize
        };
        Some(&self.bytes[start..end])
    }

    /// All strings in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        (0..self.len()).map(|idx| self.get(idx).unwrap_or_default())
    }
}

impl<T: AsRef<[u8]>> FromIterator<T> for Strings {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Self {
        let mut strings = Self::default();
        for text in texts {
            strings.push(text.as_ref());
        }
        strings
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.as_bytes().to_vec())
    }
}

impl<T: AsRef<[u8]>> From<&[T]> for Strings {
    fn from(texts: &[T]) -> Self {
        texts.iter().collect()
    }
}

/// `From<T> for Value` and `From<Vec<T>> for Value` for one number type.
macro_rules! from_number {
    ($($number:ty => $variant:ident),* $(,)?) => {$(
        impl From<$number> for Value {
            fn from(value: $number) -> Self {
                Self::$variant(value)
            }
        }

        impl From<Vec<$number>> for Value {
            fn from(items: Vec<$number>) -> Self {
                Self::Array(Array::$variant(items))
            }
        }
    )*};
}

from_number! {
    u8 => U8, i8 => I8, u16 => U16, i16 => I16, u32 => U32, i32 => I32, u64 => U64, i64 => I64,
    f32 => F32, f64 => F64, bool => Bool,
}

impl From<Array> for Value {
    fn from(array: Array) -> Self {
        Self::Array(array)
    }
}

impl From<Strings> for Value {
    fn from(strings: Strings) -> Self {
        Self::Array(Array::String(strings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_keep_order_and_bytes() {
        let strings: Strings = [b"a".as_slice(), b"", b"\xff\x00", b"bc"]
            .into_iter()
            .collect();
        assert_eq!(strings.len(), 4);
        assert_eq!(strings.get(0), Some(b"a".as_slice()));
        assert_eq!(strings.get(1), Some(b"".as_slice()));
        assert_eq!(strings.get(2), Some(b"\xff\x00".as_slice()));
        assert_eq!(strings.get(4), None);
        assert_eq!(strings.iter().collect::<Vec<_>>().concat(), b"a\xff\x00bc");
    }
}
