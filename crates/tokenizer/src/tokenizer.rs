//! The tokenizer: a vocabulary and what is made of a text with it.

use std::fmt;
use std::sync::Arc;

use ggweb_gguf::Metadata;

use crate::bpe::Bpe;
use crate::detokenize::{self, DetokenizeOptions, Detokenizer};
use crate::output::{Output, Want};
use crate::plamo2::Plamo2;
use crate::pre::Pre;
use crate::rwkv::Rwkv;
use crate::segment::{self, Segment};
use crate::special::{Fragment, SpecialTokens, Trust};
use crate::spm::Spm;
use crate::unigram::Unigram;
use crate::vocab::Vocab;
use crate::wordpiece::WordPiece;
use crate::{EncodeOptions, Error, Kind, Result, SpecialIds, TokenAttr, TokenSpan};

/// The number of a token: its place in the vocabulary.
pub type TokenId = u32;

/// The longest text that is encoded in one go; encoders count in 32 bits, and a space may become three bytes.
const MAX_TEXT_LEN: usize = 1 << 30;

/// Text to ids and back, with the vocabulary of one file.
///
/// The [`Detokenizer`]s made from it share its vocabulary.
pub struct Tokenizer {
    kind: Kind,
    vocab: Arc<Vocab>,
    special: SpecialTokens,
    encoder: Encoder,
}

enum Encoder {
    Spm(Spm),
    Bpe(Box<Bpe>),
    WordPiece(WordPiece),
    Unigram(Unigram),
    Rwkv(Rwkv),
    Plamo2(Plamo2),
}

impl Tokenizer {
    /// The tokenizer of a file.
    ///
    /// # Errors
    /// [`Error::Unsupported`] or [`Error::UnknownPre`] if the file's kind of tokenizer or its pre-tokenizer is not
    /// known; the other variants if the vocabulary is missing or malformed.
    pub fn from_metadata(metadata: &Metadata) -> Result<Self> {
        const MODEL: &str = "tokenizer.ggml.model";
        let kind = metadata
            .str(MODEL)?
            .ok_or(Error::MissingKey { key: MODEL })?;
        let kind = Kind::from_name(kind)?;
        let pre = match kind {
            Kind::Gemma4 => Some(Pre::from_name(Some("gemma4"))?),
            _ if kind.is_bpe() => Some(Pre::from_name(metadata.str("tokenizer.ggml.pre")?)?),
            _ => None,
        };
        let vocab = Vocab::new(metadata, kind, pre)?;
        let encoder = match (kind, pre) {
            (Kind::Bert, _) => Encoder::WordPiece(WordPiece::new(metadata, &vocab)?),
            (Kind::T5, _) => Encoder::Unigram(Unigram::new(metadata, &vocab)?),
            (Kind::Rwkv, _) => Encoder::Rwkv(Rwkv::new(&vocab)),
            (Kind::Plamo2, _) => Encoder::Plamo2(Plamo2::new(&vocab)),
            (_, Some(pre)) => Encoder::Bpe(Box::new(Bpe::new(metadata, &vocab, kind, pre)?)),
            (_, None) => Encoder::Spm(Spm::new(&vocab)),
        };
        Ok(Self {
            kind,
            special: SpecialTokens::new(&vocab),
            vocab: Arc::new(vocab),
            encoder,
        })
    }

    /// The ids of a text; any bytes will do, UTF-8 or not.
    ///
    /// # Errors
    /// [`Error::NoByteToken`] if the vocabulary cannot express a character in any way.
    pub fn encode(&self, text: impl AsRef<[u8]>, options: EncodeOptions) -> Result<Vec<TokenId>> {
        Ok(self.run(text.as_ref(), options, Want::Ids)?.into_ids())
    }

    /// The ids of a text, each with the place in the text that it comes from.
    ///
    /// ```
    /// # use ggweb_gguf::{Metadata, Strings};
    /// # use ggweb_tokenizer::{EncodeOptions, Tokenizer};
    /// # let mut metadata = Metadata::default();
    /// # metadata.set("tokenizer.ggml.model", "llama");
    /// # metadata.set("tokenizer.ggml.tokens", ["<unk>", "<s>", "</s>", "▁", "h", "i", "▁hi", "<0x3C>", "/", "s", ">"].iter().collect::<Strings>());
    /// # metadata.set("tokenizer.ggml.token_type", vec![2, 3, 3, 1, 1, 1, 1, 6, 1, 1, 1]);
    /// # metadata.set("tokenizer.ggml.scores", vec![0.0_f32, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0]);
    /// # let tokenizer = Tokenizer::from_metadata(&metadata)?;
    /// let text = "h i";
    /// let tokens = tokenizer.encode_with_spans(text, EncodeOptions::default())?;
    /// let places: Vec<_> = tokens.iter().map(|token| (token.id, &text[token.span.clone()])).collect();
    /// assert_eq!(places, [(1, ""), (3, ""), (4, "h"), (3, " "), (5, "i")]);
    /// assert_eq!(tokenizer.count(text, EncodeOptions::default())?, 5);
    /// # Ok::<(), ggweb_tokenizer::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn encode_with_spans(
        &self,
        text: impl AsRef<[u8]>,
        options: EncodeOptions,
    ) -> Result<Vec<TokenSpan>> {
        let output = self.run(text.as_ref(), options, Want::Spans)?;
        Ok(output
            .into_spans()
            .map(|(id, span)| TokenSpan { id, span })
            .collect())
    }

    /// As [`Self::encode_with_spans`], with places as JavaScript counts them: in UTF-16 code units.
    ///
    /// A token that begins or ends within a character has the place of the whole character.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn encode_with_utf16_spans(
        &self,
        text: &str,
        options: EncodeOptions,
    ) -> Result<Vec<TokenSpan>> {
        let mut tokens = self.encode_with_spans(text, options)?;
        segment::to_utf16(text, tokens.iter_mut().map(|token| &mut token.span));
        Ok(tokens)
    }

    /// How many ids a text has, without listing them.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn count(&self, text: impl AsRef<[u8]>, options: EncodeOptions) -> Result<usize> {
        Ok(self.run(text.as_ref(), options, Want::Count)?.len())
    }

    /// The ids of a prompt made of pieces of which only some may steer the model.
    ///
    /// The pieces are encoded as the one text that they make up, so that the ids are those of [`Self::encode`] with
    /// `parse_special` wherever untrusted text spells no control token. Where it does, the token is spelt by others.
    /// With `add_special` a BOS is added where the file asks for it, unless the text begins with one: it stands there
    /// once, whether a chat template or the file or both put it there.
    ///
    /// ```
    /// # use ggweb_gguf::{Metadata, Strings};
    /// # use ggweb_tokenizer::{Segment, Tokenizer};
    /// # let mut metadata = Metadata::default();
    /// # metadata.set("tokenizer.ggml.model", "llama");
    /// # metadata.set("tokenizer.ggml.tokens", ["<unk>", "<s>", "</s>", "▁", "h", "i", "▁hi", "<0x3C>", "/", "s", ">"].iter().collect::<Strings>());
    /// # metadata.set("tokenizer.ggml.token_type", vec![2, 3, 3, 1, 1, 1, 1, 6, 1, 1, 1]);
    /// # metadata.set("tokenizer.ggml.scores", vec![0.0_f32, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0]);
    /// # let tokenizer = Tokenizer::from_metadata(&metadata)?;
    /// let segment = |text, is_trusted| Segment { text, is_trusted };
    /// let prompt = [segment("<s>", true), segment("</s>", false), segment("</s>", true)];
    /// let ids = tokenizer.encode_segments(&prompt, true)?;
    /// assert_eq!(ids, [1, 3, 7, 8, 9, 10, 2]); // <s>, ▁, <, /, s, >, </s>
    /// # Ok::<(), ggweb_tokenizer::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub fn encode_segments(
        &self,
        segments: &[Segment<'_>],
        add_special: bool,
    ) -> Result<Vec<TokenId>> {
        let (text, trusted) = segment::join(segments);
        let mut out = Output::new(Want::Ids);
        self.encode_fragments(text.as_bytes(), Trust::Spans(&trusted), &mut out)?;
        let ids = out.into_ids();
        if !add_special {
            return Ok(ids);
        }
        let begin = self.begin().filter(|bos| ids.first() != Some(bos));
        Ok(begin.into_iter().chain(ids).chain(self.end()).collect())
    }

    fn run(&self, text: &[u8], options: EncodeOptions, want: Want) -> Result<Output> {
        let mut out = Output::new(want);
        if options.add_special {
            out.add(self.begin(), 0);
        }
        let trust = match options.parse_special {
            true => Trust::Everything,
            false => Trust::Nothing,
        };
        self.encode_fragments(text, trust, &mut out)?;
        if options.add_special {
            out.add(self.end(), text.len());
        }
        Ok(out)
    }

    /// The token that goes in front of a text.
    fn begin(&self) -> Option<TokenId> {
        match self.kind {
            Kind::Rwkv | Kind::Plamo2 => None,
            // Whatever the keys say.
            Kind::Bert => self.vocab.special.bos,
            _ => self.vocab.special.bos.filter(|_| self.vocab.add_bos),
        }
    }

    /// The token that goes behind a text.
    fn end(&self) -> Option<TokenId> {
        match self.kind {
            Kind::Rwkv | Kind::Plamo2 => None,
            Kind::Bert => self.vocab.special.sep,
            _ => self.vocab.special.eos.filter(|_| self.vocab.add_eos),
        }
    }

    fn encode_fragments(&self, text: &[u8], trust: Trust<'_>, out: &mut Output) -> Result<()> {
        if text.len() > MAX_TEXT_LEN {
            return Err(Error::TextTooLong { len: text.len() });
        }
        let vocab = &*self.vocab;
        let mut is_after_special = true;
        for fragment in self.special.cut(text, trust) {
            let range = match fragment {
                Fragment::Token(id, range) => {
                    out.begin(0);
                    out.push(id, range);
                    is_after_special = true;
                    continue;
                }
                Fragment::Text(range) => range,
            };
            let has_prefix = std::mem::take(&mut is_after_special) && vocab.add_space_prefix;
            let is_guarded = trust.guards(&range);
            out.begin(range.start);
            let text = &text[range];
            match &self.encoder {
                Encoder::Spm(spm) => spm.encode(vocab, text, has_prefix, is_guarded, out)?,
                Encoder::Bpe(bpe) => bpe.encode(vocab, text, is_guarded, out),
                Encoder::WordPiece(wordpiece) => wordpiece.encode(vocab, text, is_guarded, out)?,
                Encoder::Unigram(unigram) => unigram.encode(vocab, text, is_guarded, out)?,
                Encoder::Rwkv(rwkv) => rwkv.encode(vocab, text, is_guarded, out)?,
                Encoder::Plamo2(plamo2) => plamo2.encode(vocab, text, is_guarded, out)?,
            }
        }
        Ok(())
    }

    /// The text of `ids`, as bytes: ids of raw bytes need not add up to UTF-8.
    ///
    /// ```
    /// # use ggweb_gguf::{Metadata, Strings};
    /// # use ggweb_tokenizer::{DetokenizeOptions, Tokenizer};
    /// # let mut metadata = Metadata::default();
    /// # metadata.set("tokenizer.ggml.model", "llama");
    /// # metadata.set("tokenizer.ggml.tokens", ["<unk>", "<s>", "</s>", "▁hi"].iter().collect::<Strings>());
    /// # metadata.set("tokenizer.ggml.token_type", vec![2, 3, 3, 1]);
    /// # let tokenizer = Tokenizer::from_metadata(&metadata)?;
    /// let ids = [1, 3, 3, 2]; // <s>, ▁hi, ▁hi, </s>
    /// let shown = DetokenizeOptions { unparse_special: true, ..Default::default() };
    /// assert_eq!(tokenizer.detokenize(&ids, shown)?, b"<s> hi hi</s>");
    /// # Ok::<(), ggweb_tokenizer::Error>(())
    /// ```
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

    /// The token's text as the vocabulary spells it; empty for an id outside the vocabulary.
    pub fn token_text(&self, id: TokenId) -> &[u8] {
        self.vocab.text(id)
    }

    /// What the token is.
    ///
    /// ```
    /// # use ggweb_gguf::{Metadata, Strings};
    /// # use ggweb_tokenizer::{TokenAttr, Tokenizer};
    /// # let mut metadata = Metadata::default();
    /// # metadata.set("tokenizer.ggml.model", "llama");
    /// # metadata.set("tokenizer.ggml.tokens", ["<unk>", "<s>", "</s>", "▁hi"].iter().collect::<Strings>());
    /// # metadata.set("tokenizer.ggml.token_type", vec![2, 3, 3, 1]);
    /// # let tokenizer = Tokenizer::from_metadata(&metadata)?;
    /// let id = tokenizer.token("▁hi").unwrap();
    /// assert_eq!(tokenizer.token_text(id), "▁hi".as_bytes());
    /// assert_eq!(tokenizer.piece(id), b" hi");
    /// assert_eq!(tokenizer.attr(id), TokenAttr::NORMAL);
    /// # Ok::<(), ggweb_tokenizer::Error>(())
    /// ```
    pub fn attr(&self, id: TokenId) -> TokenAttr {
        self.vocab.attr(id)
    }

    /// The token with exactly this text as the vocabulary spells it, whatever its kind.
    pub fn token(&self, text: &str) -> Option<TokenId> {
        self.vocab.id(text.as_bytes())
    }

    /// The kind of tokenizer.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The tokens that have a role.
    pub fn special_ids(&self) -> &SpecialIds {
        &self.vocab.special
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

    /// Whether the file asks for a SEP between two texts.
    pub fn add_sep(&self) -> bool {
        self.vocab.add_sep
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

impl fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokenizer")
            .field("kind", &self.kind)
            .field("vocab", &self.vocab)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use ggweb_gguf::Strings;

    use super::*;

    #[test]
    fn unknown_kinds_are_named() {
        for kind in ["no_vocab", "test", ""] {
            let mut metadata = Metadata::default();
            metadata.set("tokenizer.ggml.model", kind);
            let message = Tokenizer::from_metadata(&metadata).unwrap_err().to_string();
            assert_eq!(
                message,
                format!(
                    "tokenizer kind \"{kind}\" (metadata \"tokenizer.ggml.model\") is not known; known: llama, gpt2, \
                     gemma4, hybriddna, whitespace, bert, t5, rwkv, plamo2. The model can still be run by token ids"
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
