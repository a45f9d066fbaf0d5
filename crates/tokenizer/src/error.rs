//! What can be wrong with a vocabulary, a text or an id.

use crate::TokenId;

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

/// Why there is no tokenizer, or no answer from it.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file's kind of tokenizer is not there yet.
    #[error(
        "tokenizer kind \"{kind}\" (metadata \"tokenizer.ggml.model\") is not supported yet; supported: {}. The model \
         can still be run by token ids",
        .supported.join(", ")
    )]
    Unsupported {
        /// The kind as the file names it.
        kind: String,
        /// The kinds that are there.
        supported: &'static [&'static str],
    },
    /// The file lacks a key that every tokenizer needs.
    #[error(
        "metadata \"{key}\" is missing: the file holds no vocabulary; convert the model again with its tokenizer"
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
    /// An id that no token has.
    #[error("token id {id} is outside the vocabulary: ids go from 0 to {last}", last = n_vocab.saturating_sub(1))]
    IdOutOfRange {
        /// The id.
        id: TokenId,
        /// How many tokens there are.
        n_vocab: usize,
    },
}
