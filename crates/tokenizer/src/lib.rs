//! GGUF vocabulary → [`Tokenizer`]: text to token ids, ids back to text, whole or streamed.
//!
//! The vocabulary comes from the file's metadata, and so do the rules; llama.cpp decides what they mean.
//! There is one kind so far, SentencePiece-style byte-pair merges (`tokenizer.ggml.model = llama`); for the others
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

mod vocab;

mod special_ids;

mod eog;

mod attr;

mod special;

mod spm;

mod detokenize;

mod error;

pub use attr::TokenAttr;
pub use detokenize::{DetokenizeOptions, Detokenizer};
pub use eog::eog_from_metadata;
pub use error::{Error, Result};
pub use tokenizer::{EncodeOptions, TokenId, Tokenizer};
