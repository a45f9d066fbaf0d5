//! What can be wrong with a vocabulary, a text or an id.

use crate::TokenId;

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

/// Why there is no tokenizer, or no answer from it.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file's kind of tokenizer is not known.
    #[error(
        "tokenizer kind \"{kind}\" (metadata \"tokenizer.ggml.model\") is not known; known: {}. The model can still be \
         run by token ids",
        .supported.join(", ")
    )]
    Unsupported {
        /// The kind as the file names it.
        kind: String,
        /// The kinds that are known.
        supported: Vec<&'static str>,
    },
    /// The file's pre-tokenizer is not known.
    #[error(
        "pre-tokenizer \"{pre}\" (metadata \"tokenizer.ggml.pre\") is not known; known: {}. The model can still be run \
         by token ids",
        .known.join(", ")
    )]
    UnknownPre {
        /// The pre-tokenizer as the file names it.
        pre: String,
        /// The names that are known.
        known: Vec<&'static str>,
    },
    /// The file lacks a key that every tokenizer needs.
    #[error(
        "metadata \"{key}\" is missing: the file holds no whole vocabulary; convert the model again with its tokenizer"
    )]
    MissingKey {
        /// The key.
        key: &'static str,
    },
    /// A key of the vocabulary has another type than it should.
    #[error(transparent)]
    Metadata(#[from] ggweb_gguf::Error),
    /// An array that goes with the tokens is shorter than they are.
    #[error(
        "metadata \"{key}\" has {found} entries, but there are {n_vocab} tokens; the file is malformed"
    )]
    TooShort {
        /// The array's key.
        key: &'static str,
        /// How many entries it has.
        found: usize,
        /// How many tokens there are.
        n_vocab: usize,
    },
    /// The table of characters to be replaced is no array of bytes, or shorter than it says.
    #[error(
        "metadata \"tokenizer.ggml.precompiled_charsmap\" should be an array of at least {needed} bytes, but has {found}; \
         the file is malformed"
    )]
    BadCharsmap {
        /// How many bytes it should have at least.
        needed: usize,
        /// How many it has; none if it is something else.
        found: usize,
    },
    /// Two tokens have the same text.
    #[error("tokens {first} and {second} have the same text \"{}\"; the vocabulary is malformed", .text.escape_ascii())]
    DuplicateToken {
        /// The text.
        text: Vec<u8>,
        /// The lower id.
        first: TokenId,
        /// The higher id.
        second: TokenId,
    },
    /// A text has a character that no token spells, and the vocabulary has neither its bytes nor an unknown token.
    #[error(
        "no token for byte 0x{byte:02X} of the text, and the vocabulary has no unknown token; leave it out"
    )]
    NoByteToken {
        /// The byte.
        byte: u8,
    },
    /// A text is too long for its places to be counted.
    #[error("the text has {len} bytes, more than 1 GiB; give it in parts")]
    TextTooLong {
        /// Its length.
        len: usize,
    },
    /// An id that no token has.
    #[error("token id {id} is outside the vocabulary: ids go from 0 to {last}", last = n_vocab.saturating_sub(1))]
    IdOutOfRange {
        /// The id.
        id: TokenId,
        /// How many tokens there are.
        n_vocab: usize,
    },
}
