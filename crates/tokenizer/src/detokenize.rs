//! Ids → text, whole or as a stream that never holds half a character.

use std::sync::Arc;

use crate::TokenId;
use crate::clean_spaces::CleanSpaces;
use crate::vocab::{HIDDEN, Vocab};

/// How ids become text; all off by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DetokenizeOptions {
    /// Leaves out a BOS at the start and an EOS at the end, where encoding adds them.
    pub remove_special: bool,
    /// Shows control and unknown tokens as their texts.
    pub unparse_special: bool,
    /// The ids go on from others before them, piece by piece as a model gives them: a space at their start is a space,
    /// not the prefix that encoding adds, and no vocabulary's wish to close up spaces before punctuation is heard.
    pub is_continuation: bool,
}

/// Turns ids into text one by one.
///
/// All pieces together are the whole text, as [`Tokenizer::detokenize`](crate::Tokenizer::detokenize) gives it, with
/// U+FFFD in place of what is not UTF-8.
///
/// ```
/// # use ggweb_gguf::{Metadata, Strings};
/// # use ggweb_tokenizer::Tokenizer;
/// # let mut metadata = Metadata::default();
/// # metadata.set("tokenizer.ggml.model", "llama");
/// # metadata.set("tokenizer.ggml.tokens", ["<0xC3>", "<0xA9>", "a"].iter().collect::<Strings>());
/// # metadata.set("tokenizer.ggml.token_type", vec![6, 6, 1]);
/// # let tokenizer = Tokenizer::from_metadata(&metadata)?;
/// let mut detokenizer = tokenizer.detokenizer(); // of a vocabulary <0xC3>, <0xA9>, a
/// assert_eq!(detokenizer.push(0), ""); // half of é
/// assert_eq!(detokenizer.push(1), "é");
/// assert_eq!(detokenizer.push(0), "");
/// assert_eq!(detokenizer.push(2), "\u{FFFD}a"); // the half was never made whole
/// assert_eq!(detokenizer.finish(), "");
/// # Ok::<(), ggweb_tokenizer::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Detokenizer {
    vocab: Arc<Vocab>,
    pieces: Pieces,
    /// The start of a character whose end has not come yet.
    incomplete: Vec<u8>,
}

impl Detokenizer {
    pub(crate) fn new(vocab: Arc<Vocab>, options: DetokenizeOptions) -> Self {
        let pieces = Pieces::new(&vocab, options);
        Self {
            vocab,
            pieces,
            incomplete: Vec::new(),
        }
    }

    /// The text that this id completes; nothing for an id outside the vocabulary.
    pub fn push(&mut self, id: TokenId) -> String {
        self.pieces.push(&self.vocab, id, &mut self.incomplete);
        take_complete(&mut self.incomplete)
    }

    /// What is left at the end: U+FFFD if the last character is not whole.
    pub fn finish(mut self) -> String {
        self.pieces.finish(&mut self.incomplete);
        String::from_utf8_lossy(&self.incomplete).into_owned()
    }
}

/// The bytes of `ids`.
pub(crate) fn detokenize(vocab: &Vocab, ids: &[TokenId], options: DetokenizeOptions) -> Vec<u8> {
    let mut pieces = Pieces::new(vocab, options);
    let mut out = Vec::new();
    for &id in ids {
        pieces.push(vocab, id, &mut out);
    }
    pieces.finish(&mut out);
    out
}

/// Which bytes each id adds.
///
/// # Source
/// llama.cpp, `llama_vocab::impl::detokenize`.
#[derive(Debug, Clone)]
struct Pieces {
    options: DetokenizeOptions,
    is_first: bool,
    /// The next piece loses the space at its start.
    strip_space: bool,
    /// An EOS that may be the last id; it shows only if another one follows.
    held: Option<TokenId>,
    clean_spaces: Option<CleanSpaces>,
}

impl Pieces {
    fn new(vocab: &Vocab, options: DetokenizeOptions) -> Self {
        let is_first = !options.is_continuation;
        Self {
            options,
            is_first,
            strip_space: is_first && vocab.add_space_prefix,
            held: None,
            clean_spaces: (is_first && vocab.clean_spaces).then(CleanSpaces::default),
        }
    }

    fn push(&mut self, vocab: &Vocab, id: TokenId, out: &mut Vec<u8>) {
        if let Some(held) = self.held.take() {
            self.show(vocab, held, out);
        }
        let is_first = std::mem::take(&mut self.is_first);
        let removes = self.options.remove_special;
        if removes && is_first && vocab.add_bos && vocab.special.bos == Some(id) {
            // As in llama.cpp, the space behind a BOS stays.
            self.strip_space = false;
        } else if removes && vocab.add_eos && vocab.special.eos == Some(id) {
            self.held = Some(id);
        } else {
            self.show(vocab, id, out);
        }
    }

    fn show(&mut self, vocab: &Vocab, id: TokenId, out: &mut Vec<u8>) {
        let strip_space = std::mem::take(&mut self.strip_space);
        if !self.options.unparse_special && vocab.attr(id).has_any(HIDDEN) {
            return;
        }
        let piece = vocab.piece(id);
        let piece = piece
            .strip_prefix(b" ")
            .filter(|_| strip_space)
            .unwrap_or(piece);
        match &mut self.clean_spaces {
            Some(clean_spaces) => clean_spaces.push(piece, out),
            None => out.extend_from_slice(piece),
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        if let Some(clean_spaces) = &mut self.clean_spaces {
            clean_spaces.finish(out);
        }
    }
}

/// Takes the characters that are whole, with U+FFFD for what can never become one.
fn take_complete(bytes: &mut Vec<u8>) -> String {
    let mut text = String::new();
    let mut n_taken = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        n_taken += chunk.valid().len();
        let invalid = chunk.invalid();
        let is_last = n_taken + invalid.len() == bytes.len();
        // Bytes at the end that more may follow give an error without a length.
        if invalid.is_empty()
            || is_last
                && std::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none())
        {
            break;
        }
        text.push(char::REPLACEMENT_CHARACTER);
        n_taken += invalid.len();
    }
    bytes.drain(..n_taken);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every way to cut `bytes` in two gives the same text as the whole.
    fn check_cuts(bytes: &[u8]) {
        for cut in 0..=bytes.len() {
            let mut pending = bytes[..cut].to_vec();
            let mut text = take_complete(&mut pending);
            assert!(pending.len() < 4, "{bytes:?} at {cut}");
            pending.extend_from_slice(&bytes[cut..]);
            text.push_str(&take_complete(&mut pending));
            text.push_str(&String::from_utf8_lossy(&pending));
            assert_eq!(text, String::from_utf8_lossy(bytes), "{bytes:?} at {cut}");
        }
    }

    #[test]
    fn cuts_do_not_change_the_text() {
        check_cuts("aé€😀z".as_bytes());
        for bytes in [
            b"\xF0\x9F\x98".as_slice(),
            b"\xE2\x82a\xE2\x82",
            b"\xC0\xAF\xF8\x88\x80\x80",
            b"a\xED\xA0\x80b",
            b"\xF4\x90\x80\x80",
            b"\xFF\xFE",
            b"\x80\x80\xC3",
        ] {
            check_cuts(bytes);
        }
    }

    #[test]
    fn half_a_character_waits() {
        let mut pending = b"a\xF0\x9F".to_vec();
        assert_eq!(take_complete(&mut pending), "a");
        assert_eq!(pending, b"\xF0\x9F");
        pending.extend_from_slice(b"\x98\x80b");
        assert_eq!(take_complete(&mut pending), "😀b");
        assert_eq!(pending, b"");
    }
}
