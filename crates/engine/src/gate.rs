//! Whether a model may multiply with int8 activations: measured once, on a text, against f32.

use std::fmt;
use std::str::FromStr;

use ggweb_gpu::ops::ActivationType;
use ggweb_tokenizer::EncodeOptions;

use crate::abort::Abort;
use crate::error::Result;
use crate::fnv::Fnv;
use crate::model::Model;

/// How matrices of quants read their input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ActivationsChoice {
    /// In f32: exact to the order of sums.
    F32,
    /// Rounded to 8 bits, whatever that costs.
    Int8,
    /// In int8 where that is faster and [`Gate`] allows it, else in f32.
    #[default]
    Auto,
}

impl FromStr for ActivationsChoice {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "f32" => Ok(Self::F32),
            "int8" => Ok(Self::Int8),
            "auto" => Ok(Self::Auto),
            _ => Err(format!(
                "unknown activations `{text}`: expected one of f32, int8, auto"
            )),
        }
    }
}

impl fmt::Display for ActivationsChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::Int8 => "int8",
            Self::Auto => "auto",
        })
    }
}

/// What int8 activations cost a model, measured on [`TEXT`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gate {
    /// Names the file, and how it was measured: the same key, the same result.
    pub key: u64,
    /// Mean KL divergence of the next token's distribution from that with f32 activations.
    ///
    /// # Units
    /// Nats per token.
    pub mean_kl: f64,
}

impl fmt::Display for Gate {
    /// A line to remember it by.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x} {:e}", self.key, self.mean_kl)
    }
}

impl FromStr for Gate {
    type Err = String;

    fn from_str(line: &str) -> std::result::Result<Self, String> {
        let parse = || {
            let (key, mean_kl) = line.split_once(' ')?;
            Some(Self {
                key: u64::from_str_radix(key, 16).ok()?,
                mean_kl: mean_kl.parse().ok()?,
            })
        };
        parse().ok_or_else(|| format!("expected a key and a number, found `{line}`"))
    }
}

impl Gate {
    /// Whether `auto` takes int8.
    #[must_use]
    pub fn allows(&self) -> bool {
        self.mean_kl <= MAX_MEAN_KL
    }
}

/// The most that `auto` gives up.
///
/// Files that people use have lost more than this already: llama.cpp's own table of Llama-3-8B measures a mean KL of
/// 0.0055 for weights in `Q6_K` against f16, and 0.03 for `Q4_K_M`. Below it a change of quantization cannot be told
/// from one of activations.
///
/// # Source
/// llama.cpp, `tools/perplexity/README.md`, "`LLaMA` 3 8b Scoreboard".
pub const MAX_MEAN_KL: f64 = 5e-3;

/// What is measured on: prose, a list, code, numbers and another language, so that no one kind of text decides.
pub const TEXT: &str = "\
The harbour was quiet before sunrise. Marta counted the boats twice, wrote 37 into her book, and walked back along the \
wall to the small office where the radio stood. \"Wind from the north-east, 14 knots,\" it said.\n\
1. Close the valve.\n2. Wait until the pressure falls below 2.5 bar.\n3. Open the lid slowly.\n\
fn mean(values: &[f64]) -> f64 {\n    values.iter().sum::<f64>() / values.len() as f64\n}\n\
Am Abend kam der Regen, und niemand wusste, ob die Fähre noch fahren würde.";

/// Positions at the beginning that are not counted: so little context says little about a model.
const N_SKIPPED: usize = 16;

/// Most positions of the text.
const N_TOKEN: usize = 128;

/// Most bytes of logits that are kept for the comparison: they lie in the wasm heap.
const KEPT_BYTES: usize = 8 << 20;

/// Names a file for [`Gate::key`] by its header, which holds its metadata, vocabulary and table of tensors.
///
/// Two files with one header and different weights, steps of one training say, share a result.
pub(crate) fn key(header_bytes: &[u8], total_bytes: Option<u64>) -> u64 {
    let mut hash = Fnv::default();
    hash.write(header_bytes);
    hash.write(&total_bytes.unwrap_or(0).to_le_bytes());
    hash.write(TEXT.as_bytes());
    hash.finish()
}

/// Which positions of a text of `n_token` are compared, so that no more than [`KEPT_BYTES`] of logits are kept.
fn positions(n_token: usize, n_vocab: usize) -> impl Fn(usize) -> bool {
    let n_kept = (KEPT_BYTES / (4 * n_vocab)).max(1);
    let stride = n_token.saturating_sub(N_SKIPPED).div_ceil(n_kept).max(1);
    move |pos| pos >= N_SKIPPED && (pos - N_SKIPPED).is_multiple_of(stride)
}

impl Model {
    /// Takes int8 or f32 where both were recorded, and says what is known of the model.
    pub(crate) async fn choose_activations(
        &mut self,
        key: u64,
        known: Option<Gate>,
        abort: &Abort,
    ) -> Result<()> {
        self.gate = known;
        if self.inner.recorded_activations().count() > 1 {
            self.gate = self.measure_gate(key, abort).await?;
            if self.gate.is_some_and(|gate| gate.allows()) {
                self.inner.set_activations(ActivationType::Int8);
            }
            self.inner.keep_current_activations();
        }
        self.info.activations = self.inner.activations().name();
        self.info.dispatches_per_token = self.inner.dispatches_per_token();
        Ok(())
    }

    /// What int8 activations cost this model: measured by this load, or known before; `None` where it was not asked
    /// for or cannot be measured.
    #[must_use]
    pub fn gate(&self) -> Option<Gate> {
        self.gate
    }

    /// Measures what int8 costs this model, for which both ways were recorded, and goes on in f32.
    async fn measure_gate(&mut self, key: u64, abort: &Abort) -> Result<Option<Gate>> {
        let Some(tokenizer) = &self.tokenizer else {
            return Ok(None);
        };
        let options = EncodeOptions {
            add_special: true,
            parse_special: false,
        };
        let Ok(mut ids) = tokenizer.encode(TEXT, options) else {
            return Ok(None);
        };
        ids.truncate(N_TOKEN.min(self.info.n_ctx as usize));
        if ids.len() <= N_SKIPPED || self.check_ids(&ids).is_err() {
            return Ok(None);
        }
        let is_kept = positions(ids.len(), self.info.n_vocab as usize);

        self.inner.set_activations(ActivationType::F32);
        let mut exact: Vec<Vec<f32>> = Vec::new();
        let mut keep = |pos: usize, row: &[f32]| {
            if is_kept(pos) {
                exact.push(row.to_vec());
            }
        };
        self.logits_all(&ids, abort, &mut keep).await?;

        self.inner.set_activations(ActivationType::Int8);
        let mut wanted = exact.iter();
        let mut sum = 0.0;
        let mut compare = |pos: usize, row: &[f32]| {
            if is_kept(pos)
                && let Some(wanted) = wanted.next()
            {
                sum += kl(wanted, row);
            }
        };
        self.logits_all(&ids, abort, &mut compare).await?;
        self.inner.set_activations(ActivationType::F32);

        let mean_kl = sum / exact.len() as f64;
        Ok(Some(Gate { key, mean_kl }))
    }
}

/// KL divergence of the distribution of `got` from that of `want`, both as logits.
fn kl(want: &[f32], got: &[f32]) -> f64 {
    let log_sum = |row: &[f32]| {
        let max = row.iter().copied().fold(f32::MIN, f32::max);
        let sum: f64 = row.iter().map(|x| f64::from(x - max).exp()).sum();
        f64::from(max) + sum.ln()
    };
    let (want_sum, got_sum) = (log_sum(want), log_sum(got));
    let term = |(want, got): (&f32, &f32)| {
        let want = f64::from(*want) - want_sum;
        want.exp() * (want - (f64::from(*got) - got_sum))
    };
    want.iter().zip(got).map(term).sum()
}

#[cfg(test)]
mod tests {
    use super::{Gate, KEPT_BYTES, MAX_MEAN_KL, kl, positions};

    #[test]
    fn kl_of_two_coins() {
        let ln = |p: f32| p.ln();
        let fair = [ln(0.5), ln(0.5)];
        let biased = [ln(0.25), ln(0.75)];
        let want = 0.5 * (0.5_f64 / 0.25).ln() + 0.5 * (0.5_f64 / 0.75).ln();
        assert!((kl(&fair, &biased) - want).abs() < 1e-6);
        // A constant added to all logits changes nothing.
        assert!(kl(&fair, &fair.map(|x| x + 3.0)).abs() < 1e-6);
    }

    #[test]
    fn a_large_vocabulary_keeps_fewer_positions() {
        for n_vocab in [512, 32_000, 262_144, 4_000_000] {
            let is_kept = positions(128, n_vocab);
            let n_kept = (0..128).filter(|pos| is_kept(*pos)).count();
            assert!(n_kept >= 1);
            assert!(
                n_kept == 1 || n_kept * n_vocab * 4 <= KEPT_BYTES,
                "{n_vocab}"
            );
        }
    }

    #[test]
    fn a_line_gives_back_what_was_written() {
        let gate = Gate {
            key: 255,
            mean_kl: 1.5e-3,
        };
        assert_eq!(gate.to_string(), "00000000000000ff 1.5e-3");
        assert_eq!(gate.to_string().parse(), Ok(gate));
        for line in ["", "ff", "zz 1", "ff x"] {
            assert!(line.parse::<Gate>().is_err(), "{line}");
        }
    }

    #[test]
    fn the_bound_is_met_or_not() {
        let gate = |mean_kl| Gate { key: 0, mean_kl };
        assert!(gate(MAX_MEAN_KL).allows());
        assert!(!gate(2.0 * MAX_MEAN_KL).allows());
        assert!(
            !gate(f64::NAN).allows(),
            "what cannot be compared is no reason"
        );
    }
}
