//! The kinds of tokenizers by name: `tokenizer.ggml.model`.

use std::fmt;

use crate::{Error, Result};

/// A kind of tokenizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// SentencePiece-style merges by score.
    Llama,
    /// Byte-pair merges by rank, behind a pre-tokenizer.
    Gpt2,
    /// Byte-pair merges on whole lines, with U+2581 for a space.
    Gemma4,
    /// Byte-pair merges, and six letters at a time between `<dna>` and `</dna>`.
    HybridDna,
    /// Byte-pair merges of words between white space, which is dropped.
    Whitespace,
    /// The longest token at each place of a word.
    Bert,
    /// Unigram: the likeliest sequence of tokens.
    T5,
    /// The longest token at each place.
    Rwkv,
    /// The cheapest sequence of tokens, with bytes for what none spells.
    Plamo2,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Llama,
        Self::Gpt2,
        Self::Gemma4,
        Self::HybridDna,
        Self::Whitespace,
        Self::Bert,
        Self::T5,
        Self::Rwkv,
        Self::Plamo2,
    ];

    /// The name that files give it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Llama => "llama",
            Self::Gpt2 => "gpt2",
            Self::Gemma4 => "gemma4",
            Self::HybridDna => "hybriddna",
            Self::Whitespace => "whitespace",
            Self::Bert => "bert",
            Self::T5 => "t5",
            Self::Rwkv => "rwkv",
            Self::Plamo2 => "plamo2",
        }
    }

    /// The kind of this name.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if it is not known.
    pub(crate) fn from_name(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| Error::Unsupported {
                kind: name.to_owned(),
                supported: Self::ALL.map(Self::name).to_vec(),
            })
    }

    /// Whether it merges by rank and has a pre-tokenizer.
    pub(crate) fn is_bpe(self) -> bool {
        matches!(
            self,
            Self::Gpt2 | Self::Gemma4 | Self::HybridDna | Self::Whitespace
        )
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
