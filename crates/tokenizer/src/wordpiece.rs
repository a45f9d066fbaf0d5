//! The way of BERT: a text is cut into words, and each word into the longest tokens from its start on.

use ggweb_gguf::Metadata;

use crate::output::{Output, SourceMap};
use crate::trie::Trie;
use crate::unicode::{self, Props};
use crate::utf8;
use crate::vocab::{ESCAPED_SPACE, Vocab};
use crate::{Error, Result};

/// The tokens of a file, and how words are made alike.
pub(crate) struct WordPiece {
    tokens: Trie,
    lower_case: bool,
    strip_accents: bool,
}

/// A word as it was made alike.
struct Word {
    text: Vec<u8>,
    map: SourceMap,
    wants_map: bool,
}

impl WordPiece {
    /// The tokens of a file.
    ///
    /// # Errors
    /// If a key has another type than it should.
    pub(crate) fn new(metadata: &Metadata, vocab: &Vocab) -> Result<Self> {
        let flag = |name: &str| metadata.bool(&format!("tokenizer.ggml.normalizer.{name}"));
        let lower_case = flag("lowercase")?.unwrap_or(true);
        Ok(Self {
            tokens: Trie::new(vocab.texts()),
            lower_case,
            strip_accents: flag("strip_accents")?.unwrap_or(lower_case),
        })
    }

    /// Appends the ids of a text; guarded, it gives none that steers the model but the unknown one.
    ///
    /// # Errors
    /// [`Error::NoByteToken`] for a word without tokens, if there is no unknown token.
    ///
    /// # Source
    /// llama.cpp, `llm_tokenizer_wpm_session`.
    pub(crate) fn encode(
        &self,
        vocab: &Vocab,
        text: &[u8],
        is_guarded: bool,
        out: &mut Output,
    ) -> Result<()> {
        let mut word = Word::new(out.wants_spans());
        let mut pos = 0;
        while pos < text.len() {
            let (code, len) = utf8::decode_unicode(text, pos).unwrap_or((0xFFFD, 1));
            let code = match self.strip_accents {
                // As in llama.cpp the rest of the decomposition is lost.
                true => unicode::first_nfd(code),
                false => code,
            };
            let props = Props::of(code);
            let is_dropped = code == 0
                || code == 0xFFFD
                || props.has_any(Props::CONTROL)
                || self.strip_accents && props.has_any(Props::MARK);
            if props.has_any(Props::SPACE) {
                self.finish(vocab, &mut word, pos, is_guarded, out)?;
            } else if !is_dropped {
                let is_word = props.has_any(Props::PUNCTUATION)
                    || code < 0x7F && props.has_any(Props::SYMBOL)
                    || is_ideograph(code);
                if is_word {
                    self.finish(vocab, &mut word, pos, is_guarded, out)?;
                }
                let code = match self.lower_case {
                    true => unicode::lower_case(code),
                    false => code,
                };
                word.push(code, pos);
                if is_word {
                    self.finish(vocab, &mut word, pos + len, is_guarded, out)?;
                }
            }
            pos += len;
        }
        self.finish(vocab, &mut word, pos, is_guarded, out)
    }

    /// Appends the ids of the word, which ends at `source` in the text, and begins the next.
    fn finish(
        &self,
        vocab: &Vocab,
        word: &mut Word,
        source: usize,
        is_guarded: bool,
        out: &mut Output,
    ) -> Result<()> {
        if word.text.is_empty() {
            return Ok(());
        }
        word.map.finish(source);
        let Word { text, map, .. } = std::mem::replace(word, Word::new(word.wants_map));
        out.set_map(map);
        let n_before = out.len();
        let mut pos = 0;
        while pos < text.len() {
            let longest = self
                .tokens
                .prefixes(&text[pos..])
                .filter(|(_, id)| !is_guarded || !vocab.steers(*id))
                .last();
            let Some((len, id)) = longest else {
                out.truncate(n_before);
                let byte = text[ESCAPED_SPACE.len()];
                let unk = vocab.special.unk.ok_or(Error::NoByteToken { byte })?;
                out.push(unk, 0..text.len());
                break;
            };
            out.push(id, pos..pos + len);
            pos += len;
        }
        Ok(())
    }
}

impl Word {
    fn new(wants_map: bool) -> Self {
        Self {
            text: Vec::new(),
            map: SourceMap::new(wants_map),
            wants_map,
        }
    }

    fn push(&mut self, code: u32, source: usize) {
        if self.text.is_empty() {
            self.text.extend_from_slice(ESCAPED_SPACE.as_bytes());
            self.map.extend(self.text.len(), source, 0);
        }
        utf8::push_char(code, &mut self.text);
        self.map.extend(self.text.len(), source, 0);
    }
}

/// The ideographs that are words of their own; U+2B820 to U+2B91F are left out by the reference's own slip.
fn is_ideograph(code: u32) -> bool {
    matches!(
        code,
        0x3400..=0x4DBF
            | 0x4E00..=0x9FFF
            | 0xF900..=0xFAFF
            | 0x2_0000..=0x2_A6DF
            | 0x2_A700..=0x2_B81F
            | 0x2_B920..=0x2_CEAF
            | 0x2_F800..=0x2_FA1F
    )
}
