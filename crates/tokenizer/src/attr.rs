//! What a token is: a set of properties.

use std::fmt;
use std::ops::BitOr;

/// The properties of a token, with llama.cpp's bits.
///
/// ```
/// use ggweb_tokenizer::TokenAttr;
///
/// let attr = TokenAttr::NORMAL | TokenAttr::CONTROL;
/// assert!(attr.has_any(TokenAttr::CONTROL | TokenAttr::BYTE));
/// assert_eq!(attr.bits(), 12);
/// ```
///
/// # Source
/// llama.cpp, `enum llama_token_attr`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenAttr(u16);

impl TokenAttr {
    /// None of them.
    pub const UNDEFINED: Self = Self(0);
    /// Stands for text that no token spells.
    pub const UNKNOWN: Self = Self(1);
    /// Kept free; shows as nothing.
    pub const UNUSED: Self = Self(1 << 1);
    /// A piece of text.
    pub const NORMAL: Self = Self(1 << 2);
    /// Steers the model; never comes from plain text, and shows only when asked for.
    pub const CONTROL: Self = Self(1 << 3);
    /// A text that is cut out whole before anything else.
    pub const USER_DEFINED: Self = Self(1 << 4);
    /// One raw byte, spelt `<0x0A>`.
    pub const BYTE: Self = Self(1 << 5);
    /// Swallows the white space before it.
    pub const LSTRIP: Self = Self(1 << 7);
    /// Swallows the white space behind it.
    pub const RSTRIP: Self = Self(1 << 8);

    /// The property that an entry of `tokenizer.ggml.token_type` stands for.
    pub(crate) const fn from_file(token_type: i32) -> Self {
        match token_type {
            1 => Self::NORMAL,
            2 => Self::UNKNOWN,
            3 => Self::CONTROL,
            4 => Self::USER_DEFINED,
            5 => Self::UNUSED,
            6 => Self::BYTE,
            _ => Self::UNDEFINED,
        }
    }

    /// Whether it has at least one property of `other`.
    pub const fn has_any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The bits.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The properties of both, also in constants.
    pub(crate) const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Without the properties of `other`.
    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl BitOr for TokenAttr {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.union(other)
    }
}

impl fmt::Debug for TokenAttr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [(TokenAttr, &str); 8] = [
            (TokenAttr::UNKNOWN, "UNKNOWN"),
            (TokenAttr::UNUSED, "UNUSED"),
            (TokenAttr::NORMAL, "NORMAL"),
            (TokenAttr::CONTROL, "CONTROL"),
            (TokenAttr::USER_DEFINED, "USER_DEFINED"),
            (TokenAttr::BYTE, "BYTE"),
            (TokenAttr::LSTRIP, "LSTRIP"),
            (TokenAttr::RSTRIP, "RSTRIP"),
        ];
        let names: Vec<&str> = NAMES
            .iter()
            .filter(|(attr, _)| self.has_any(*attr))
            .map(|(_, name)| *name)
            .collect();
        write!(f, "TokenAttr({})", names.join(" | "))
    }
}
