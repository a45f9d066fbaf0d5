//! The way of `plamo2`: of all sequences of tokens the cheapest, with bytes for what none spells.

use crate::output::Output;
use crate::trie::Trie;
use crate::vocab::Vocab;
use crate::{Error, Result, TokenAttr, TokenId, utf8};

/// What a character costs that no token spells.
const UNKNOWN_COST: i64 = 10_000_000;
/// What no token may cost.
const INVALID_COST: i64 = 20_000_000;
/// Costs lie within 32 bits, so that those of a whole text lie within 64.
const COST_MAX: f64 = i32::MAX as f64;
/// A mark at the start of a text that is no part of it.
const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();

/// The tokens of a file.
pub(crate) struct Plamo2 {
    tokens: Trie,
    /// By token, in ten-thousandths of a score.
    costs: Vec<i64>,
    byte_ids: [Option<TokenId>; 256],
}

/// The cheapest way from a place to the end of the text.
#[derive(Clone, Copy)]
struct Best {
    cost: i64,
    len: usize,
    id: Option<TokenId>,
}

impl Plamo2 {
    pub(crate) fn new(vocab: &Vocab) -> Self {
        let is_byte = |id: TokenId| vocab.file_attr(id).has_any(TokenAttr::BYTE);
        let cost = |id: TokenId| {
            let score = f64::from(vocab.score(id));
            match score.is_finite() {
                true => (-score * 1e4).round().clamp(-COST_MAX, COST_MAX) as i64,
                false => INVALID_COST,
            }
        };
        Self {
            tokens: Trie::new(
                vocab
                    .texts()
                    .filter(|(text, id)| !is_byte(*id) && std::str::from_utf8(text).is_ok()),
            ),
            costs: (0..vocab.n_vocab() as TokenId).map(cost).collect(),
            byte_ids: std::array::from_fn(|byte| {
                let spelt = format!("<0x{byte:02X}>");
                vocab.id(spelt.as_bytes()).filter(|id| is_byte(*id))
            }),
        }
    }

    /// Appends the ids of a text; guarded, it gives none that steers the model.
    ///
    /// # Errors
    /// [`Error::NoByteToken`] for a character without a token, if one of its bytes has none either.
    ///
    /// # Source
    /// llama.cpp, `llm_tokenizer_plamo2`.
    pub(crate) fn encode(
        &self,
        vocab: &Vocab,
        text: &[u8],
        is_guarded: bool,
        out: &mut Output,
    ) -> Result<()> {
        let (text, map) = utf8::rewrite(text, utf8::decode, out.wants_spans(), utf8::push_char);
        out.set_map(map);
        let bests = self.search(vocab, &text, is_guarded);
        let mut pos = match text.starts_with(BYTE_ORDER_MARK) {
            true => BYTE_ORDER_MARK.len(),
            false => 0,
        };
        while pos < text.len() {
            let Best { len, id, .. } = bests[pos];
            match id {
                Some(id) => out.push(id, pos..pos + len),
                None => {
                    for (idx, &byte) in text[pos..pos + len].iter().enumerate() {
                        let id =
                            self.byte_ids[usize::from(byte)].ok_or(Error::NoByteToken { byte })?;
                        out.push(id, pos + idx..pos + idx + 1);
                    }
                }
            }
            pos += len;
        }
        Ok(())
    }

    /// For each character the token that begins there on the cheapest way; of equal ones the longest.
    fn search(&self, vocab: &Vocab, text: &[u8], is_guarded: bool) -> Vec<Best> {
        let end = Best {
            cost: 0,
            len: 1,
            id: None,
        };
        let mut bests = vec![end; text.len() + 1];
        for pos in (0..text.len()).rev() {
            let Some((_, len)) = utf8::decode(text, pos) else {
                // In the middle of a character.
                continue;
            };
            let unknown = Best {
                cost: bests[pos + len].cost + UNKNOWN_COST,
                len,
                id: None,
            };
            let mut best: Option<Best> = None;
            for (len, id) in self.tokens.prefixes(&text[pos..]) {
                let cost = self.costs[id as usize];
                if cost >= INVALID_COST || is_guarded && vocab.steers(id) {
                    continue;
                }
                let cost = bests[pos + len].cost + cost;
                if best.is_none_or(|best| cost <= best.cost) {
                    let id = Some(id);
                    best = Some(Best { cost, len, id });
                }
            }
            bests[pos] = best
                .filter(|best| best.cost <= unknown.cost)
                .unwrap_or(unknown);
        }
        bests
    }
}

#[cfg(test)]
mod tests {
    use ggweb_gguf::{Metadata, Strings};

    use super::*;
    use crate::Kind;
    use crate::output::Want;

    #[test]
    fn scores_without_measure_do_not_panic() {
        let tokens: Strings = ["a", "aa", "b", "<0x63>", "ab"].iter().collect();
        let mut metadata = Metadata::default();
        metadata.set("tokenizer.ggml.tokens", tokens);
        metadata.set("tokenizer.ggml.token_type", vec![1, 1, 1, 6, 1]);
        let scores = vec![-1e30_f32, 1e30, f32::NAN, 0.0, f32::NEG_INFINITY];
        metadata.set("tokenizer.ggml.scores", scores);
        let vocab = Vocab::new(&metadata, Kind::Plamo2, None).unwrap();
        let plamo2 = Plamo2::new(&vocab);
        let ids = |text: &str| {
            let mut out = Output::new(Want::Ids);
            plamo2.encode(&vocab, text.as_bytes(), false, &mut out)?;
            Ok(out.into_ids())
        };
        assert_eq!(ids("aaaac"), Ok(vec![1, 1, 3]));
        assert_eq!(ids("b"), Err(Error::NoByteToken { byte: b'b' }));
    }
}
