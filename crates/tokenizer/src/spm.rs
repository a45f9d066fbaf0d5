//! SentencePiece-style byte-pair merges: the neighbours whose union scores highest are joined first.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::merge::{Merger, NONE, Symbol};
use crate::output::{Output, SourceMap};
use crate::utf8::len_by_first;
use crate::vocab::{ESCAPED_SPACE, Vocab};
use crate::{Error, Result, TokenId};

/// Whether merging the text of a token gives this token; found out when it is first asked.
const UNKNOWN: u8 = 0;
const WHOLE: u8 = 1;
const NEVER: u8 = 2;

/// The merges of a file.
pub(crate) struct Spm {
    /// How early a union is made, by token: the lower, the earlier.
    ranks: Vec<u32>,
    /// The token that stands for a raw byte, if there is one.
    byte_ids: [Option<TokenId>; 256],
    /// No token has a space behind another character, so that words can be merged one by one.
    has_words: bool,
    verdicts: Vec<AtomicU8>,
}

impl Spm {
    pub(crate) fn new(vocab: &Vocab) -> Self {
        let ids = 0..vocab.n_vocab() as TokenId;
        Self {
            ranks: ids.clone().map(|id| rank(vocab.score(id))).collect(),
            byte_ids: byte_ids(vocab),
            has_words: ids.clone().all(|id| !has_inner_space(vocab.text(id))),
            verdicts: ids.map(|_| AtomicU8::new(UNKNOWN)).collect(),
        }
    }

    /// Appends the ids of a text; any bytes will do. With `has_prefix` a space is put in front of it; guarded, no id
    /// comes out that steers the model.
    ///
    /// Takes n log n time.
    ///
    /// # Errors
    /// [`Error::NoByteToken`] if there is neither a token for a character, nor for its bytes, nor for the unknown.
    ///
    /// # Source
    /// llama.cpp, `llm_tokenizer_spm_session`.
    pub(crate) fn encode(
        &self,
        vocab: &Vocab,
        text: &[u8],
        has_prefix: bool,
        is_guarded: bool,
        out: &mut Output,
    ) -> Result<()> {
        let (text, map) = escape_spaces(text, has_prefix, out.wants_spans());
        out.set_map(map);
        let mut merger = Merger::default();
        let mut start = 0;
        while start < text.len() {
            let end = match self.has_words {
                true => end_of_word(&text, start),
                false => text.len(),
            };
            self.encode_word(
                vocab,
                &text[start..end],
                start,
                is_guarded,
                &mut merger,
                out,
            )?;
            start = end;
        }
        Ok(())
    }

    fn encode_word(
        &self,
        vocab: &Vocab,
        word: &[u8],
        start: usize,
        is_guarded: bool,
        merger: &mut Merger,
        out: &mut Output,
    ) -> Result<()> {
        let is_allowed = |id: &TokenId| !is_guarded || !vocab.steers(*id);
        if let Some(id) = vocab.id(word).filter(is_allowed)
            && self.is_whole(vocab, id, word, merger)
        {
            out.push(id, start..start + word.len());
            return Ok(());
        }
        self.merge(vocab, word, merger, is_allowed);
        for symbol in merger.joined() {
            let range = symbol.start as usize..(symbol.start + symbol.len) as usize;
            match symbol.id {
                NONE => self.push_bytes(vocab, &word[range.clone()], start + range.start, out)?,
                id => out.push(id, start + range.start..start + range.end),
            }
        }
        Ok(())
    }

    /// Whether merging the text of the token gives the token. Most do, so that most words need no merging.
    fn is_whole(&self, vocab: &Vocab, id: TokenId, word: &[u8], merger: &mut Merger) -> bool {
        let verdict = &self.verdicts[id as usize];
        match verdict.load(Ordering::Relaxed) {
            UNKNOWN => {
                self.merge(vocab, word, merger, |_| true);
                let mut joined = merger.joined();
                let is_whole =
                    joined.next().is_some_and(|symbol| symbol.id == id) && joined.next().is_none();
                verdict.store(if is_whole { WHOLE } else { NEVER }, Ordering::Relaxed);
                is_whole
            }
            known => known == WHOLE,
        }
    }

    fn merge(
        &self,
        vocab: &Vocab,
        word: &[u8],
        merger: &mut Merger,
        is_allowed: impl Fn(&TokenId) -> bool,
    ) {
        merger.clear();
        let mut start = 0;
        while start < word.len() {
            let len = len_by_first(word[start]).min(word.len() - start);
            let id = vocab.id(&word[start..start + len]).filter(&is_allowed);
            merger.push(start, len, id.unwrap_or(NONE));
            start += len;
        }
        merger.merge(|left: &Symbol, right: &Symbol| {
            let union = &word[left.start as usize..(right.start + right.len) as usize];
            let id = vocab.id(union).filter(&is_allowed)?;
            Some((self.ranks[id as usize], id))
        });
    }

    /// A character that is no token: its bytes, or the unknown token.
    fn push_bytes(
        &self,
        vocab: &Vocab,
        bytes: &[u8],
        start: usize,
        out: &mut Output,
    ) -> Result<()> {
        let n_before = out.len();
        for (idx, &byte) in bytes.iter().enumerate() {
            match (self.byte_ids[usize::from(byte)], vocab.special.unk) {
                (Some(id), _) => out.push(id, start + idx..start + idx + 1),
                (None, Some(unk)) => {
                    out.truncate(n_before);
                    out.push(unk, start..start + bytes.len());
                    return Ok(());
                }
                (None, None) => return Err(Error::NoByteToken { byte }),
            }
        }
        Ok(())
    }
}

/// Higher scores become lower ranks.
fn rank(score: f32) -> u32 {
    // Zero takes the sign off negative zero, which total order would put below it.
    let bits = (score + 0.0).to_bits();
    let ascending = if bits >> 31 == 1 {
        !bits
    } else {
        bits | 1 << 31
    };
    (!ascending).min(NONE - 1)
}

/// The token of each byte: spelt `<0x0A>`, or else the byte itself.
fn byte_ids(vocab: &Vocab) -> [Option<TokenId>; 256] {
    std::array::from_fn(|byte| {
        let spelt = format!("<0x{byte:02X}>");
        vocab
            .id(spelt.as_bytes())
            .or_else(|| vocab.id(&[byte as u8]))
    })
}

/// Whether a space follows something else.
fn has_inner_space(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(behind) = rest.strip_prefix(ESCAPED_SPACE.as_bytes()) {
        rest = behind;
    }
    rest.windows(ESCAPED_SPACE.len())
        .any(|window| window == ESCAPED_SPACE.as_bytes())
}

/// Behind the spaces at `start` and the other characters up to the next space.
fn end_of_word(text: &[u8], start: usize) -> usize {
    let (mut pos, mut is_behind_spaces) = (start, false);
    while pos < text.len() {
        let is_space = text[pos..].starts_with(ESCAPED_SPACE.as_bytes());
        if is_space && is_behind_spaces {
            break;
        }
        is_behind_spaces |= !is_space;
        pos += len_by_first(text[pos]);
    }
    pos.min(text.len())
}

fn escape_spaces(text: &[u8], has_prefix: bool, wants_map: bool) -> (Vec<u8>, SourceMap) {
    let mut out = Vec::with_capacity(text.len() + text.len() / 2 + ESCAPED_SPACE.len());
    let mut map = SourceMap::new(wants_map);
    if has_prefix {
        out.extend_from_slice(ESCAPED_SPACE.as_bytes());
        map.extend(out.len(), 0, 0);
    }
    for (idx, &byte) in text.iter().enumerate() {
        match byte {
            b' ' => out.extend_from_slice(ESCAPED_SPACE.as_bytes()),
            _ => out.push(byte),
        }
        map.extend(out.len(), idx, 1);
    }
    map.finish(text.len());
    (out, map)
}

#[cfg(test)]
mod tests {
    use ggweb_gguf::{Metadata, Strings};

    use super::*;
    use crate::Kind;
    use crate::output::Want;

    fn vocab(tokens: &[(&str, f32)]) -> Vocab {
        let mut metadata = Metadata::default();
        metadata.set(
            "tokenizer.ggml.tokens",
            tokens.iter().map(|(text, _)| text).collect::<Strings>(),
        );
        metadata.set(
            "tokenizer.ggml.scores",
            tokens.iter().map(|(_, score)| *score).collect::<Vec<_>>(),
        );
        metadata.set("tokenizer.ggml.model", "llama");
        Vocab::new(&metadata, Kind::Llama, None).unwrap()
    }

    fn ids(vocab: &Vocab, text: &[u8]) -> Result<Vec<TokenId>> {
        let mut out = Output::new(Want::Ids);
        Spm::new(vocab).encode(vocab, text, false, false, &mut out)?;
        Ok(out.into_ids())
    }

    #[test]
    fn the_higher_score_is_merged_first() {
        let low_first = [
            ("a", 0.0),
            ("b", 0.0),
            ("c", 0.0),
            ("ab", -2.0),
            ("bc", -1.0),
        ];
        assert_eq!(ids(&vocab(&low_first), b"abc"), Ok(vec![0, 4]));
        let high_first = [
            ("a", 0.0),
            ("b", 0.0),
            ("c", 0.0),
            ("ab", -1.0),
            ("bc", -2.0),
        ];
        assert_eq!(ids(&vocab(&high_first), b"abc"), Ok(vec![3, 2]));
    }

    #[test]
    fn of_equal_scores_the_left_one_is_merged() {
        let vocab = vocab(&[("a", 0.0), ("aa", -0.0), ("aaaa", 0.0)]);
        assert_eq!(ids(&vocab, b"aaa"), Ok(vec![1, 0]));
        assert_eq!(ids(&vocab, b"aaaaaaa"), Ok(vec![2, 1, 0]));
    }

    #[test]
    fn scores_that_are_no_numbers_do_not_panic() {
        let vocab = vocab(&[
            ("a", 0.0),
            ("aa", f32::NAN),
            ("aaa", f32::INFINITY),
            ("aaaa", f32::NEG_INFINITY),
        ]);
        let ids = ids(&vocab, &[b'a'; 1000]).unwrap();
        assert_eq!(ids.iter().map(|id| id + 1).sum::<u32>(), 1000);
    }

    #[test]
    fn words_change_nothing() {
        // With "x▁" the whole text is one word, without it is three.
        let with = [
            ("▁a", -1.0),
            ("▁", 0.0),
            ("a", 0.0),
            ("▁▁", -2.0),
            ("x▁", -3.0),
        ];
        for text in ["a a  a", "  a", "a ", "\u{2581}a", "a\u{E2}\u{2581}"] {
            let (whole, words) = (vocab(&with), vocab(&with[..4]));
            assert!(!Spm::new(&whole).has_words && Spm::new(&words).has_words);
            let known = |result: Result<Vec<TokenId>>| result.ok();
            assert_eq!(
                known(ids(&whole, text.as_bytes())),
                known(ids(&words, text.as_bytes())),
                "{text:?}"
            );
        }
    }

    #[test]
    fn characters_without_a_token() {
        let bytes = vocab(&[
            ("<unk>", 0.0),
            ("x", 0.0),
            ("<0xC3>", 0.0),
            ("<0xA9>", 0.0),
            ("<0x28>", 0.0),
        ]);
        assert_eq!(ids(&bytes, "xéx".as_bytes()), Ok(vec![1, 2, 3, 1]));
        assert_eq!(
            ids(&bytes, b"\xC3\x28"),
            Ok(vec![2, 4]),
            "the first byte alone decides the length"
        );
        assert_eq!(ids(&bytes, b"\xC3"), Ok(vec![2]));
        assert_eq!(
            ids(&bytes, "è".as_bytes()),
            Ok(vec![0]),
            "one byte is missing, so the character is unknown"
        );
        let no_unknown = vocab(&[]);
        let error = ids(&no_unknown, b"x").unwrap_err();
        assert_eq!(
            error.to_string(),
            "no token for byte 0x78 of the text, and the vocabulary has no unknown token; leave it out"
        );
    }

    #[test]
    fn a_hundred_thousand_equal_letters() {
        let texts: Vec<String> = (0..8).map(|power| "a".repeat(1 << power)).collect();
        let tokens: Vec<(&str, f32)> = texts
            .iter()
            .map(|text| (text.as_str(), -(text.len() as f32)))
            .collect();
        let ids = ids(&vocab(&tokens), &[b'a'; 100_000]).unwrap();
        assert_eq!(ids.len(), 100_000 / 128 + 1);
        assert_eq!(ids.last(), Some(&5), "100 000 = 781 × 128 + 32");
    }
}
