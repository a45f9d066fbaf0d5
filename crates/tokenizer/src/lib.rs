//! GGUF vocabulary → [`Tokenizer`]: text to token ids, ids back to text, whole or streamed.
//!
//! The vocabulary comes from the file's metadata, and so do the rules; llama.cpp decides what they mean.
//! All its kinds ([`Kind`]) and pre-tokenizers ([`pre_tokenizers`]) are there; for one that is not known
//! [`eog_from_metadata`] still finds where generation stops, so that a model can be run by token ids.
//! This crate does no I/O and knows no model.
//!
//! ```
//! use ggweb_gguf::{Metadata, Strings};
//! use ggweb_tokenizer::{EncodeOptions, Tokenizer};
//!
//! let tokens: Strings = ["<unk>", "<s>", "</s>", "▁", "h", "i", "hi", "▁hi"].iter().collect();
//! let mut metadata = Metadata::default();
//! metadata.set("tokenizer.ggml.model", "llama");
//! metadata.set("tokenizer.ggml.tokens", tokens);
//! metadata.set("tokenizer.ggml.token_type", vec![2, 3, 3, 1, 1, 1, 1, 1]);
//!
//! let tokenizer = Tokenizer::from_metadata(&metadata)?;
//! let ids = tokenizer.encode("hi hi", EncodeOptions::default())?;
//! assert_eq!(ids, [1, 7, 7]); // <s>, ▁hi, ▁hi
//!
//! // Text streams out as whole characters.
//! let mut detokenizer = tokenizer.detokenizer();
//! let pieces: Vec<String> = ids.iter().map(|&id| detokenizer.push(id)).collect();
//! assert_eq!(pieces, ["", " hi", " hi"]);
//! assert!(tokenizer.is_eog(2));
//! # Ok::<(), ggweb_tokenizer::Error>(())
//! ```

mod tokenizer;

mod kind;
mod options;
mod pre;
mod segment;

mod special_ids;
mod vocab;

mod attr;
mod eog;

mod special;

mod bpe;
mod byte_chars;
mod split;

mod spm;

mod merge;

mod wordpiece;

mod charsmap;
mod unigram;

mod rwkv;

mod plamo2;

mod clean_spaces;
mod detokenize;

mod output;
mod text_index;
mod trie;
mod unicode;
mod utf8;

mod error;

#[cfg(test)]
mod test_data;

pub use attr::TokenAttr;
pub use detokenize::{DetokenizeOptions, Detokenizer};
pub use eog::eog_from_metadata;
pub use error::{Error, Result};
pub use kind::Kind;
pub use options::{EncodeOptions, TokenSpan};
pub use pre::pre_tokenizers;
pub use segment::Segment;
pub use special_ids::SpecialIds;
pub use tokenizer::{TokenId, Tokenizer};
