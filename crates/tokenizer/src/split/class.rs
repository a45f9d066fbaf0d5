//! Sets of characters.

use crate::unicode::Props;
use crate::utf8;

/// A character in its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Char {
    pub(crate) code: u32,
    /// In bytes; 0 at the end of the text.
    pub(crate) len: usize,
    pub(crate) props: Props,
}

impl Char {
    pub(crate) fn at(text: &[u8], pos: usize) -> Self {
        match utf8::decode(text, pos) {
            Some((code, len)) => Self {
                code,
                len,
                props: Props::of(code),
            },
            // Clean text has no bytes that are no character; were there one, it would count as U+FFFD.
            None => Self {
                code: 0xFFFD,
                len: usize::from(pos < text.len()),
                props: match pos < text.len() {
                    true => Props::of(0xFFFD),
                    false => Props::NONE,
                },
            },
        }
    }
}

/// A set of characters, like `[\p{P}$+]` or `[^\s\p{L}]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Class {
    any: Props,
    or: &'static [(u32, u32)],
    none: Props,
    but: &'static [(u32, u32)],
}

impl Class {
    /// The characters that have any of these properties.
    pub(crate) const fn of(any: Props) -> Self {
        Self {
            any,
            or: &[],
            none: Props::NONE,
            but: &[],
        }
    }

    /// All characters that have none of these properties.
    pub(crate) const fn not(none: Props) -> Self {
        Self {
            none,
            ..Self::of(Props::ANY)
        }
    }

    /// The characters of these ranges, both ends included, without white space.
    pub(crate) const fn ranges(or: &'static [(u32, u32)]) -> Self {
        Self {
            or,
            none: Props::SPACE,
            ..Self::of(Props::NONE)
        }
    }

    /// And these.
    pub(crate) const fn or(self, or: &'static [(u32, u32)]) -> Self {
        Self { or, ..self }
    }

    /// And not these.
    pub(crate) const fn but(self, but: &'static [(u32, u32)]) -> Self {
        Self { but, ..self }
    }

    /// Whether the character is there and belongs to it.
    pub(crate) fn has(&self, c: Char) -> bool {
        let is_in = |ranges: &[(u32, u32)]| {
            ranges
                .iter()
                .any(|(first, last)| (*first..=*last).contains(&c.code))
        };
        (c.props.has_any(self.any) || c.len > 0 && is_in(self.or))
            && !c.props.has_any(self.none)
            && !is_in(self.but)
    }
}
