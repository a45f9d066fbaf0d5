//! Unigram: of all sequences of tokens the one with the highest sum of scores.

use ggweb_gguf::Metadata;

use crate::charsmap::Charsmap;
use crate::output::{Output, SourceMap};
use crate::trie::Trie;
use crate::utf8;
use crate::vocab::{ESCAPED_SPACE, Vocab};
use crate::{Error, Result, TokenAttr, TokenId};

/// How much worse than the worst token an unknown character is.
const UNKNOWN_PENALTY: f32 = 10.0;

/// The tokens of a file.
pub(crate) struct Unigram {
    tokens: Trie,
    /// Texts that are not made alike.
    user_defined: Trie,
    charsmap: Option<Charsmap>,
    unknown_score: f32,
    merge_spaces: bool,
}

/// The best way to a place in the text.
#[derive(Clone, Copy)]
struct Best {
    score: f64,
    start: usize,
    /// None for the unknown token.
    id: Option<TokenId>,
}

impl Unigram {
    /// The tokens of a file.
    ///
    /// # Errors
    /// If its table of characters is malformed or a key has another type than it should.
    pub(crate) fn new(metadata: &Metadata, vocab: &Vocab) -> Result<Self> {
        // The types count as the file gives them, before names set them right.
        let of = |attr: TokenAttr| {
            vocab
                .texts()
                .filter(move |(_, id)| vocab.file_attr(*id).has_any(attr))
        };
        let min_score = of(TokenAttr::NORMAL)
            .map(|(_, id)| vocab.score(id))
            .fold(f32::MAX, f32::min);
        let matched = TokenAttr::NORMAL | TokenAttr::USER_DEFINED | TokenAttr::UNUSED;
        Ok(Self {
            tokens: Trie::new(of(matched)),
            user_defined: Trie::new(of(TokenAttr::USER_DEFINED)),
            charsmap: Charsmap::from_metadata(metadata)?,
            unknown_score: min_score - UNKNOWN_PENALTY,
            merge_spaces: metadata
                .bool("tokenizer.ggml.remove_extra_whitespaces")?
                .unwrap_or(false),
        })
    }

    /// Appends the ids of a text; guarded, it gives none that steers the model but the unknown one.
    ///
    /// # Errors
    /// [`Error::NoByteToken`] for a character without a token, if there is no unknown token.
    ///
    /// # Source
    /// llama.cpp, `llm_tokenizer_ugm_session`.
    pub(crate) fn encode(
        &self,
        vocab: &Vocab,
        text: &[u8],
        is_guarded: bool,
        out: &mut Output,
    ) -> Result<()> {
        let (text, map) = self.normalize(vocab, text, out.wants_spans());
        out.set_map(map);
        let bests = self.search(vocab, &text, is_guarded);
        let mut path: Vec<(Option<TokenId>, usize, usize)> = Vec::new();
        let mut end = text.len();
        while end > 0 {
            let Best { start, id, .. } = bests[end];
            match path.last_mut() {
                // Neighbours that are unknown are one unknown token.
                Some((None, first, _)) if id.is_none() => *first = start,
                _ => path.push((id, start, end)),
            }
            end = start;
        }
        for (id, start, end) in path.into_iter().rev() {
            let unknown = || {
                vocab
                    .special
                    .unk
                    .ok_or(Error::NoByteToken { byte: text[start] })
            };
            out.push(id.map_or_else(unknown, Ok)?, start..end);
        }
        Ok(())
    }

    /// For each place the best token that ends there.
    fn search(&self, vocab: &Vocab, text: &[u8], is_guarded: bool) -> Vec<Best> {
        let nowhere = Best {
            score: f64::MIN,
            start: 0,
            id: None,
        };
        let mut bests = vec![nowhere; text.len() + 1];
        bests[0].score = 0.0;
        let mut start = 0;
        while start < text.len() {
            let len_char = utf8::len_by_first(text[start]).min(text.len() - start);
            let score_before = bests[start].score;
            let mut is_character_known = false;
            let mut offer = |len: usize, id: Option<TokenId>, score: f64| {
                let score = score_before + score;
                if score > bests[start + len].score {
                    bests[start + len] = Best { score, start, id };
                }
            };
            for (len, id) in self.tokens.prefixes(&text[start..]) {
                if is_guarded && vocab.steers(id) {
                    continue;
                }
                is_character_known |= len == len_char;
                let score = match vocab.attr(id).has_any(TokenAttr::USER_DEFINED) {
                    true => 0.0,
                    false => vocab.score(id),
                };
                offer(
                    len,
                    Some(id).filter(|id| Some(*id) != vocab.special.unk),
                    score.into(),
                );
            }
            if !is_character_known {
                offer(len_char, None, self.unknown_score.into());
            }
            start += len_char;
        }
        bests
    }

    /// The text with characters made alike and spaces escaped.
    fn normalize(&self, vocab: &Vocab, text: &[u8], wants_map: bool) -> (Vec<u8>, SourceMap) {
        let mut out = Vec::with_capacity(text.len() * 3);
        let mut map = SourceMap::new(wants_map);
        let (mut is_prefixed, mut is_in_word) = (!vocab.add_space_prefix, false);
        let mut pos = 0;
        while pos < text.len() {
            let (len, normal) = self.normalize_prefix(&text[pos..]);
            for &byte in normal {
                let is_space = byte == b' ';
                let begins_word = !is_space && !is_in_word && (!is_prefixed || self.merge_spaces);
                is_in_word = !is_space;
                if begins_word || is_space && !self.merge_spaces {
                    out.extend_from_slice(ESCAPED_SPACE.as_bytes());
                }
                if begins_word {
                    is_prefixed = true;
                }
                if !is_space {
                    out.push(byte);
                }
                map.extend(out.len(), pos, 0);
            }
            pos += len;
        }
        map.finish(text.len());
        (out, map)
    }

    /// How much of the text is made alike in one step, and what it becomes.
    fn normalize_prefix<'t>(&'t self, text: &'t [u8]) -> (usize, &'t [u8]) {
        // As in llama.cpp the walk counts, even if no text ends there.
        let len = self.user_defined.walked(text);
        if len > 0 {
            return (len, &text[..len]);
        }
        if let Some(replaced) = self
            .charsmap
            .as_ref()
            .and_then(|charsmap| charsmap.replace(text))
        {
            return replaced;
        }
        match utf8::decode(text, 0) {
            Some((_, len)) => (len, &text[..len]),
            None => (1, "\u{FFFD}".as_bytes()),
        }
    }
}
