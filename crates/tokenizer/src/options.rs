//! What is asked of a text, and what is told of its tokens.

use std::ops::Range;

use crate::TokenId;

/// How text becomes ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncodeOptions {
    /// Adds BOS in front and EOS behind where the file asks for them; on by default.
    pub add_special: bool,
    /// Takes the texts of control and unknown tokens for these tokens.
    ///
    /// Off by default, and to be left off for what a user typed: it would let the user speak with the voice of the
    /// system. User-defined tokens are recognized either way.
    pub parse_special: bool,
}

impl Default for EncodeOptions {
    fn default() -> Self {
        Self {
            add_special: true,
            parse_special: false,
        }
    }
}

/// A token, and where in a text it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSpan {
    /// The token.
    pub id: TokenId,
    /// The bytes of the text that it stands for; empty for what encoding adds.
    ///
    /// A token of raw bytes may begin or end within a character.
    pub span: Range<usize>,
}
