//! Byte-pair merges by rank: a text is cut into words, and in each word the neighbours are joined that come first in
//! the list of merges.

use std::ops::Range;
use std::sync::atomic::{AtomicU8, Ordering};

use ggweb_gguf::{Metadata, Strings};

use crate::byte_chars;
use crate::merge::{Merger, NONE, Symbol};
use crate::output::Output;
use crate::pre::Pre;
use crate::split::split;
use crate::text_index::{PairIndex, TextIndex};
use crate::unicode::{self, Props};
use crate::vocab::{ESCAPED_SPACE, Vocab};
use crate::{Error, Kind, Result, TokenId, utf8};

const MERGES: &str = "tokenizer.ggml.merges";

/// Whether merging the text of a token gives this token; found out when it is first asked.
const UNKNOWN: u8 = 0;
const WHOLE: u8 = 1;
const NEVER: u8 = 2;

/// The merges of a file.
pub(crate) struct Bpe {
    kind: Kind,
    pre: &'static Pre,
    lower_case: bool,
    n_vocab: u32,
    /// The texts of the tokens as they stand in a word, behind them other texts of the merges.
    symbols: TextIndex,
    /// Rank and union of two symbols.
    merges: PairIndex,
    /// The symbol of each byte, for vocabularies that have one.
    bytes: [u32; 256],
    /// The token that stands for each byte of what is no token.
    byte_tokens: [u32; 256],
    verdicts: Vec<AtomicU8>,
    dna: Option<Dna>,
}

/// The tokens around and in a stretch of DNA.
#[derive(Debug, Clone, Copy)]
struct Dna {
    begin: TokenId,
    end: TokenId,
    unknown: TokenId,
}

impl Bpe {
    /// The merges of a file.
    ///
    /// # Errors
    /// If the merges are missing or a key has another type than it should.
    pub(crate) fn new(
        metadata: &Metadata,
        vocab: &Vocab,
        kind: Kind,
        pre: &'static Pre,
    ) -> Result<Self> {
        let merges = match metadata.strings(MERGES)? {
            Some(merges) => merges,
            // Its vocabulary of bytes may have none.
            None if pre.names.contains(&"kimi-k2") => &Strings::default(),
            None => return Err(Error::MissingKey { key: MERGES }),
        };
        let mut bpe = Self {
            kind,
            pre,
            // As in llama.cpp only this pre-tokenizer keeps capital letters unless the file says otherwise.
            lower_case: metadata
                .bool("tokenizer.ggml.normalizer.lowercase")?
                .unwrap_or(!pre.names.contains(&"whitespace")),
            n_vocab: vocab.n_vocab() as u32,
            symbols: TextIndex::with_capacity(vocab.n_vocab() + vocab.n_vocab() / 8),
            merges: PairIndex::with_capacity(merges.len()),
            bytes: [NONE; 256],
            byte_tokens: [NONE; 256],
            verdicts: (0..vocab.n_vocab())
                .map(|_| AtomicU8::new(UNKNOWN))
                .collect(),
            dna: None,
        };
        bpe.add_tokens(vocab);
        bpe.add_merges(merges);
        if kind == Kind::HybridDna {
            bpe.dna = Dna::new(vocab);
        }
        Ok(bpe)
    }

    fn add_tokens(&mut self, vocab: &Vocab) {
        let mut word = Vec::new();
        for id in 0..self.n_vocab {
            word.clear();
            // A token that a word cannot spell keeps its number.
            if self.to_word(vocab.text(id), &mut word) && !word.is_empty() {
                // Two texts that differ spell two words.
                let _ = self.symbols.insert(&word);
            }
            if self.symbols.len() <= id as usize {
                self.symbols.push(&[]);
            }
        }
        for byte in 0..=255_u8 {
            let symbol = self.symbols.get(&[byte]).unwrap_or(NONE);
            self.bytes[usize::from(byte)] = symbol;
            self.byte_tokens[usize::from(byte)] = match self.pre.is_byte_level {
                true => symbol,
                false => {
                    let spelt = format!("<0x{byte:02X}>");
                    vocab.id(spelt.as_bytes()).unwrap_or(NONE)
                }
            };
        }
    }

    fn add_merges(&mut self, merges: &Strings) {
        let mut word = Vec::new();
        // Merges mostly stand in the order of the tokens that they make.
        let mut guess = 0;
        for (merge, rank) in merges.iter().zip(0..) {
            // As in llama.cpp the first character may be a space.
            let Some(cut) = merge.iter().skip(1).position(|byte| *byte == b' ') else {
                continue;
            };
            word.clear();
            let is_left = self.to_word(&merge[..=cut], &mut word);
            let len = word.len();
            if !is_left || !self.to_word(&merge[cut + 2..], &mut word) {
                continue;
            }
            let left = self.symbol(&word[..len]);
            let right = self.symbol(&word[len..]);
            let is_guessed = |guess: &u32| self.symbols.text(*guess) == word;
            let union = [guess, guess + 1].into_iter().find(is_guessed);
            let union = union.unwrap_or_else(|| self.symbol(&word));
            guess = union;
            self.merges.insert_first(left, right, (rank, union));
        }
    }

    /// Appends the text of a token as it stands in a word; false if no word spells it.
    fn to_word(&self, text: &[u8], word: &mut Vec<u8>) -> bool {
        match self.pre.is_byte_level {
            true => byte_chars::to_bytes(text, word),
            false => {
                word.extend_from_slice(text);
                true
            }
        }
    }

    fn symbol(&mut self, word: &[u8]) -> u32 {
        match self.symbols.insert(word) {
            Ok(symbol) | Err(symbol) => symbol,
        }
    }

    /// Appends the ids of a text. Guarded, it gives no id that steers the model.
    pub(crate) fn encode(&self, vocab: &Vocab, text: &[u8], is_guarded: bool, out: &mut Output) {
        match self.dna {
            Some(dna) => self.encode_dna(dna, vocab, text, is_guarded, out),
            None => self.encode_words(vocab, text, is_guarded, out),
        }
    }

    fn encode_words(&self, vocab: &Vocab, text: &[u8], is_guarded: bool, out: &mut Output) {
        let wants_map = out.wants_spans();
        let (text, map) = if self.pre.escapes_spaces {
            utf8::rewrite(
                text,
                utf8::decode_unicode,
                wants_map,
                |code, out| match code {
                    0x20 => out.extend_from_slice(ESCAPED_SPACE.as_bytes()),
                    _ => utf8::push_char(code, out),
                },
            )
        } else if self.kind == Kind::Whitespace && self.lower_case {
            utf8::rewrite(text, utf8::decode_unicode, wants_map, |code, out| {
                utf8::push_char(unicode::lower_case(code), out);
            })
        } else {
            utf8::clean(text, wants_map)
        };
        out.set_map(map);
        let mut merger = Merger::default();
        split(self.pre.stages, &text, &mut |range| {
            let word = &text[range.clone()];
            let is_dropped = self.kind == Kind::Whitespace
                && utf8::decode(word, 0)
                    .is_some_and(|(code, _)| Props::of(code).has_any(Props::SPACE));
            if !is_dropped {
                self.encode_word(vocab, word, range.start, is_guarded, &mut merger, out);
            }
        });
    }

    fn encode_word(
        &self,
        vocab: &Vocab,
        word: &[u8],
        start: usize,
        is_guarded: bool,
        merger: &mut Merger,
        out: &mut Output,
    ) {
        let is_allowed = |id: u32| !is_guarded || !vocab.steers(id);
        let whole = self
            .symbols
            .get(word)
            .filter(|id| *id < self.n_vocab && is_allowed(*id));
        if let Some(id) = whole
            && (self.is_kept(word) || self.is_whole(id, word, merger))
        {
            out.push(id, start..start + word.len());
            return;
        }
        self.merge(word, merger, is_allowed);
        for symbol in merger.joined() {
            let range = symbol.start as usize..(symbol.start + symbol.len) as usize;
            if symbol.id < self.n_vocab && is_allowed(symbol.id) {
                out.push(symbol.id, start + range.start..start + range.end);
            } else {
                self.push_bytes(&word[range.clone()], start + range.start, out);
            }
        }
    }

    /// Whether a word that is a token stays one without merging.
    fn is_kept(&self, word: &[u8]) -> bool {
        self.pre.ignore_merges
            || self.pre.keeps_newline_runs && word.iter().all(|byte| *byte == b'\n')
    }

    /// Whether merging the text of the token gives the token. Most do, so that most words need no merging.
    fn is_whole(&self, id: TokenId, word: &[u8], merger: &mut Merger) -> bool {
        let verdict = &self.verdicts[id as usize];
        match verdict.load(Ordering::Relaxed) {
            UNKNOWN => {
                self.merge(word, merger, |_| true);
                let mut joined = merger.joined();
                let is_whole =
                    joined.next().is_some_and(|symbol| symbol.id == id) && joined.next().is_none();
                verdict.store(if is_whole { WHOLE } else { NEVER }, Ordering::Relaxed);
                is_whole
            }
            known => known == WHOLE,
        }
    }

    fn merge(&self, word: &[u8], merger: &mut Merger, is_allowed: impl Fn(u32) -> bool) {
        merger.clear();
        if self.pre.is_byte_level {
            for (idx, byte) in word.iter().enumerate() {
                merger.push(idx, 1, self.bytes[usize::from(*byte)]);
            }
        } else {
            let mut start = 0;
            while start < word.len() {
                let len = utf8::len_by_first(word[start]).min(word.len() - start);
                let symbol = self.symbols.get(&word[start..start + len]);
                merger.push(start, len, symbol.unwrap_or(NONE));
                start += len;
            }
        }
        merger.merge(|left: &Symbol, right: &Symbol| {
            self.merges
                .get(left.id, right.id)
                .filter(|(_, union)| is_allowed(*union))
        });
    }

    /// What is no token: its bytes. One that has no token either is left out, as in llama.cpp.
    fn push_bytes(&self, bytes: &[u8], start: usize, out: &mut Output) {
        for (idx, byte) in bytes.iter().enumerate() {
            let id = self.byte_tokens[usize::from(*byte)];
            if id < self.n_vocab {
                out.push(id, start + idx..start + idx + 1);
            }
        }
    }

    /// Words outside, and between the tags six letters at a time.
    ///
    /// # Source
    /// llama.cpp, `llm_tokenizer_hybriddna_session`.
    fn encode_dna(&self, dna: Dna, vocab: &Vocab, text: &[u8], is_guarded: bool, out: &mut Output) {
        let base = out.base();
        let mut pos = 0;
        while pos < text.len() {
            let begin = find(text, DNA_BEGIN, pos);
            let words = pos..begin.unwrap_or(text.len());
            out.begin(base + pos);
            self.encode_words(vocab, &text[words.clone()], is_guarded, out);
            out.begin(base);
            let Some(begin) = begin else { break };
            let inside = begin + DNA_BEGIN.len();
            out.push(dna.begin, begin..inside);
            let end = find(text, DNA_END, inside);
            dna.encode(vocab, text, inside..end.unwrap_or(text.len()), out);
            let Some(end) = end else { break };
            pos = end + DNA_END.len();
            out.push(dna.end, end..pos);
        }
    }
}

const DNA_BEGIN: &[u8] = b"<dna>";
const DNA_END: &[u8] = b"</dna>";
/// How many letters a DNA token has.
const N_LETTER: usize = 6;
/// What tells a DNA token from a word of the same letters.
pub(crate) const DNA_MARK: &[u8] = "\u{E000}".as_bytes();
/// The token behind which those of DNA begin.
pub(crate) const DNA_UNKNOWN: &[u8] = b"<oov>";

impl Dna {
    /// The tokens, if the vocabulary has them.
    fn new(vocab: &Vocab) -> Option<Self> {
        Some(Self {
            begin: vocab.id(DNA_BEGIN)?,
            end: vocab.id(DNA_END)?,
            unknown: vocab.id(DNA_UNKNOWN)?,
        })
    }

    fn encode(&self, vocab: &Vocab, text: &[u8], range: Range<usize>, out: &mut Output) {
        for (idx, letters) in text[range.clone()].chunks(N_LETTER).enumerate() {
            let mut token = letters.to_ascii_uppercase();
            token.resize(N_LETTER, b'A');
            token.extend_from_slice(DNA_MARK);
            let start = range.start + idx * N_LETTER;
            out.push(
                vocab.id(&token).unwrap_or(self.unknown),
                start..start + letters.len(),
            );
        }
    }
}

fn find(text: &[u8], pattern: &[u8], from: usize) -> Option<usize> {
    let found = text[from..]
        .windows(pattern.len())
        .position(|window| window == pattern)?;
    Some(from + found)
}
