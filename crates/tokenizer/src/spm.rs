//! SentencePiece-style byte-pair merges: the neighbours whose union scores highest are joined first.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::vocab::Vocab;
use crate::{Error, Result, TokenId};

/// A stretch of the text that has been merged so far; a list over the text's characters.
#[derive(Debug)]
struct Symbol {
    start: usize,
    /// 0 once it has been joined to its left neighbour.
    len: usize,
    token: Option<TokenId>,
    prev: Option<usize>,
    next: Option<usize>,
}

/// Two neighbours whose union is a token.
#[derive(Debug)]
struct Merge {
    score: f32,
    left: usize,
    right: usize,
    /// Of the union; if the symbols have grown since, the merge is void.
    len: usize,
    token: TokenId,
}

impl Merge {
    /// The higher score first, of equal ones the one further left.
    fn priority(&self) -> (f32, Reverse<usize>) {
        // Zero takes the sign off negative zero, which total order would put below it.
        (self.score + 0.0, Reverse(self.left))
    }
}

impl Ord for Merge {
    fn cmp(&self, other: &Self) -> Ordering {
        let ((score, left), (other_score, other_left)) = (self.priority(), other.priority());
        score.total_cmp(&other_score).then(left.cmp(&other_left))
    }
}

impl PartialOrd for Merge {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Merge {}

impl PartialEq for Merge {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

/// Appends the ids of `text`, whose spaces are escaped already; any bytes will do.
///
/// Takes n log n time: each merge puts at most two others into the queue.
///
/// # Errors
/// [`Error::NoByteToken`] if there is neither a token for a character, nor for its bytes, nor for the unknown.
///
/// # Source
/// llama.cpp, `llm_tokenizer_spm_session`.
pub(crate) fn encode(vocab: &Vocab, text: &[u8], out: &mut Vec<TokenId>) -> Result<()> {
    let mut symbols = split(vocab, text);
    let mut merges = BinaryHeap::new();
    for right in 1..symbols.len() {
        merges.extend(find_merge(vocab, text, &symbols, right - 1, right));
    }
    while let Some(Merge {
        left,
        right,
        len,
        token,
        ..
    }) = merges.pop()
    {
        let is_void = symbols[left].len == 0
            || symbols[right].len == 0
            || symbols[left].len + symbols[right].len != len;
        if is_void {
            continue;
        }
        let next = symbols[right].next;
        symbols[right].len = 0;
        symbols[left] = Symbol {
            len,
            token: Some(token),
            next,
            ..symbols[left]
        };
        if let Some(next) = next {
            symbols[next].prev = Some(left);
            merges.extend(find_merge(vocab, text, &symbols, left, next));
        }
        if let Some(prev) = symbols[left].prev {
            merges.extend(find_merge(vocab, text, &symbols, prev, left));
        }
    }
    for symbol in symbols.iter().filter(|symbol| symbol.len > 0) {
        match symbol.token {
            Some(id) => out.push(id),
            None => push_bytes(vocab, &text[symbol.start..symbol.start + symbol.len], out)?,
        }
    }
    Ok(())
}

/// One symbol for each character. The first byte alone says how long it is, in malformed text too.
fn split(vocab: &Vocab, text: &[u8]) -> Vec<Symbol> {
    let mut symbols: Vec<Symbol> = Vec::with_capacity(text.len());
    let mut start = 0;
    while start < text.len() {
        let len = match text[start] {
            0xC0..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xFF => 4,
            _ => 1,
        };
        let len = len.min(text.len() - start);
        let idx = symbols.len();
        symbols.push(Symbol {
            start,
            len,
            token: vocab.id(&text[start..start + len]),
            prev: idx.checked_sub(1),
            next: (start + len < text.len()).then_some(idx + 1),
        });
        start += len;
    }
    symbols
}

/// The merge of two neighbours, if their union is a token.
fn find_merge(
    vocab: &Vocab,
    text: &[u8],
    symbols: &[Symbol],
    left: usize,
    right: usize,
) -> Option<Merge> {
    let start = symbols[left].start;
    let len = symbols[left].len + symbols[right].len;
    let token = vocab.id(&text[start..start + len])?;
    Some(Merge {
        score: vocab.score(token),
        left,
        right,
        len,
        token,
    })
}

/// A character that is no token: its bytes, or the unknown token.
fn push_bytes(vocab: &Vocab, bytes: &[u8], out: &mut Vec<TokenId>) -> Result<()> {
    let n_before = out.len();
    for &byte in bytes {
        match (vocab.byte_id(byte), vocab.special.unk) {
            (Some(id), _) => out.push(id),
            (None, Some(unk)) => {
                out.truncate(n_before);
                out.push(unk);
                return Ok(());
            }
            (None, None) => return Err(Error::NoByteToken { byte }),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ggweb_gguf::{Metadata, Strings};

    use super::*;

    fn vocab(tokens: &[(&str, f32)]) -> Vocab {
        let mut metadata = Metadata::default();
        metadata.set("tokenizer.ggml.model", "llama");
        metadata.set(
            "tokenizer.ggml.tokens",
            tokens.iter().map(|(text, _)| text).collect::<Strings>(),
        );
        metadata.set(
            "tokenizer.ggml.scores",
            tokens.iter().map(|(_, score)| *score).collect::<Vec<_>>(),
        );
        Vocab::spm(&metadata).unwrap()
    }

    fn ids(vocab: &Vocab, text: &[u8]) -> Result<Vec<TokenId>> {
        let mut out = Vec::new();
        encode(vocab, text, &mut out).map(|()| out)
    }

    #[test]
    fn the_higher_score_is_merged_first() {
        let low_first = vocab(&[
            ("a", 0.0),
            ("b", 0.0),
            ("c", 0.0),
            ("ab", -2.0),
            ("bc", -1.0),
        ]);
        assert_eq!(ids(&low_first, b"abc"), Ok(vec![0, 4]));
        let high_first = vocab(&[
            ("a", 0.0),
            ("b", 0.0),
            ("c", 0.0),
            ("ab", -1.0),
            ("bc", -2.0),
        ]);
        assert_eq!(ids(&high_first, b"abc"), Ok(vec![3, 2]));
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
