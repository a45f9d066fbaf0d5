//! The tokenizer: a vocabulary and what is made of a text with it.

use std::sync::Arc;

use ggweb_gguf::Metadata;

use crate::detokenize::{self, DetokenizeOptions, Detokenizer};
use crate::special::{Fragment, SpecialTokens};
use crate::vocab::{ESCAPED_SPACE, Vocab};
use crate::{Error, Result, TokenAttr, spm};

/// The number of a token: its place in the vocabulary.
pub type TokenId = u32;

/// The kinds of tokenizers that are there, as `tokenizer.ggml.model` names them.
const SUPPORTED: &[&str] = &["llama"];

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

/// Text to ids and back, with the vocabulary of one file.
///
/// The [`Detokenizer`]s made from it share its vocabulary.
#[derive(Debug)]
pub struct Tokenizer {
    vocab: Arc<Vocab>,
    special: SpecialTokens,
}

impl Tokenizer {
    /// The tokenizer of a file.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if the file's kind of tokenizer is not there yet; the other variants if the vocabulary is
    /// missing or malformed.
    pub fn from_metadata(metadata: &Metadata) -> Result<Self> {
        const MODEL: &str = "tokenizer.ggml.model";
        let kind = metadata
            .str(MODEL)?
            .ok_or(Error::MissingKey { key: MODEL })?;
        let vocab = match kind {
            "llama" => Vocab::spm(metadata)?,
            _ => {
                return Err(Error::Unsupported {
                    kind: kind.to_owned(),
                    supported: SUPPORTED,
                });
            }
        };
        let special = SpecialTokens::new(&vocab);
        Ok(Self {
            vocab: Arc::new(vocab),
            special,
        })
    }

    /// The ids of a text; any bytes will do, UTF-8 or not.
    ///
    /// # Errors
    /// [`Error::NoByteToken`] if the vocabulary cannot express a character in any way.
    pub fn encode(&self, text: impl AsRef<[u8]>, options: EncodeOptions) -> Result<Vec<TokenId>> {
        let (vocab, text) = (&*self.vocab, text.as_ref());
        let mut ids = Vec::new();
        if options.add_special && vocab.add_bos {
            ids.extend(vocab.special.bos);
        }
        let mut is_after_special = true;
        for fragment in self.special.cut(text, options.parse_special) {
            match fragment {
                Fragment::Token(id) => ids.push(id),
                Fragment::Text(ref range) => {
                    let has_prefix = is_after_special && vocab.add_space_prefix;
                    spm::encode(
                        vocab,
                        &escape_spaces(&text[range.clone()], has_prefix),
                        &mut ids,
                    )?;
                }
            }
            is_after_special = matches!(fragment, Fragment::Token(_));
        }
        if options.add_special && vocab.add_eos {
            ids.extend(vocab.special.eos);
        }
        Ok(ids)
    }

    /// The text of `ids`, as bytes: ids of raw bytes need not add up to UTF-8.
    ///
    /// # Errors
    /// [`Error::IdOutOfRange`] for an id outside the vocabulary.
    pub fn detokenize(&self, ids: &[TokenId], options: DetokenizeOptions) -> Result<Vec<u8>> {
        let n_vocab = self.n_vocab();
        match ids.iter().find(|id| **id as usize >= n_vocab) {
            Some(&id) => Err(Error::IdOutOfRange { id, n_vocab }),
            None => Ok(detokenize::detokenize(&self.vocab, ids, options)),
        }
    }

    /// A stream from ids to text for what a model generates: it goes on from a prompt and shows no control tokens.
    pub fn detokenizer(&self) -> Detokenizer {
        self.detokenizer_with(DetokenizeOptions {
            is_continuation: true,
            ..Default::default()
        })
    }

    /// A stream from ids to text with these options.
    pub fn detokenizer_with(&self, options: DetokenizeOptions) -> Detokenizer {
        Detokenizer::new(Arc::clone(&self.vocab), options)
    }

    /// What the token shows as, control tokens included; empty for an id outside the vocabulary.
    pub fn piece(&self, id: TokenId) -> &[u8] {
        self.vocab.piece(id)
    }

    /// What the token is.
    pub fn attr(&self, id: TokenId) -> TokenAttr {
        self.vocab.attr(id)
    }

    /// The token with exactly this text as the vocabulary spells it, whatever its kind.
    pub fn token(&self, text: &str) -> Option<TokenId> {
        self.vocab.id(text.as_bytes())
    }

    /// How many tokens there are.
    pub fn n_vocab(&self) -> usize {
        self.vocab.n_vocab()
    }

    /// The token that begins a text.
    pub fn bos(&self) -> Option<TokenId> {
        self.vocab.special.bos
    }

    /// The token that ends a text.
    pub fn eos(&self) -> Option<TokenId> {
        self.vocab.special.eos
    }

    /// The token for what no other token spells.
    pub fn unk(&self) -> Option<TokenId> {
        self.vocab.special.unk
    }

    /// Whether the file asks for a BOS in front of a text.
    pub fn add_bos(&self) -> bool {
        self.vocab.add_bos
    }

    /// Whether the file asks for an EOS behind a text.
    pub fn add_eos(&self) -> bool {
        self.vocab.add_eos
    }

    /// Whether generation ends with this token.
    pub fn is_eog(&self, id: TokenId) -> bool {
        self.vocab.eog.binary_search(&id).is_ok()
    }

    /// The tokens with which generation ends, in ascending order.
    pub fn eog(&self) -> &[TokenId] {
        &self.vocab.eog
    }
}

fn escape_spaces(text: &[u8], has_prefix: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 2 + ESCAPED_SPACE.len());
    if has_prefix {
        out.extend_from_slice(ESCAPED_SPACE.as_bytes());
    }
    for &byte in text {
        match byte {
            b' ' => out.extend_from_slice(ESCAPED_SPACE.as_bytes()),
            _ => out.push(byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use ggweb_gguf::Strings;

    use super::*;

    #[test]
    fn other_kinds_are_named() {
        for kind in ["gpt2", "bert", "t5", "rwkv", "no_vocab"] {
            let mut metadata = Metadata::default();
            metadata.set("tokenizer.ggml.model", kind);
            let message = Tokenizer::from_metadata(&metadata).unwrap_err().to_string();
            assert_eq!(
                message,
                format!(
                    "tokenizer kind \"{kind}\" (metadata \"tokenizer.ggml.model\") is not supported yet; supported: \
                     llama. The model can still be run by token ids"
                )
            );
        }
        assert_eq!(
            Tokenizer::from_metadata(&Metadata::default()).unwrap_err(),
            Error::MissingKey {
                key: "tokenizer.ggml.model"
            }
        );
    }

    #[test]
    fn an_id_outside_is_an_error_in_a_whole_and_nothing_in_a_stream() {
        let mut metadata = Metadata::default();
        metadata.set("tokenizer.ggml.model", "llama");
        metadata.set(
            "tokenizer.ggml.tokens",
            ["a", "b"].iter().collect::<Strings>(),
        );
        let tokenizer = Tokenizer::from_metadata(&metadata).unwrap();
        assert_eq!(
            tokenizer.detokenize(&[1, 0], DetokenizeOptions::default()),
            Ok(b"ba".to_vec())
        );
        let error = tokenizer
            .detokenize(&[1, 2], DetokenizeOptions::default())
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "token id 2 is outside the vocabulary: ids go from 0 to 1"
        );
        assert_eq!(tokenizer.detokenizer().push(u32::MAX), "");
        assert_eq!(
            (tokenizer.piece(u32::MAX), tokenizer.attr(u32::MAX)),
            (b"".as_slice(), TokenAttr::UNDEFINED)
        );
        assert!(!tokenizer.is_eog(u32::MAX));
    }
}
