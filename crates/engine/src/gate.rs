//! Whether a model may multiply with int8 activations: measured once, on a text, against f32.

use std::fmt;
use std::str::FromStr;

use ggweb_gpu::ops::ActivationType;
use ggweb_tokenizer::EncodeOptions;

use crate::abort::Abort;
use crate::error::{Error, Result};
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
/// About what weights in `Q6_K` lose against f16 in llama.cpp's own table of Llama-3-8B, 0.0055, and a sixth of what
/// `Q4_K_M` loses, 0.031. Files in fewer than 6 bits have lost more than this already; one in `Q8_0` has lost 0.0014.
///
/// # Source
/// llama.cpp, `tools/perplexity/README.md`, "`LLaMA` 3 8b Scoreboard".
pub const MAX_MEAN_KL: f64 = 5e-3;

/// What is measured on: prose, a list, code, numbers and another language, so that no one kind of text decides. Short
/// enough that every vocabulary of words has all of it within [`N_TOKEN`].
pub const TEXT: &str = "\
The harbour was quiet before sunrise. Marta counted 37 boats and walked back to the office where the radio stood.\n\
1. Close the valve.\n2. Wait for 2.5 bar.\n\
fn mean(v: &[f64]) -> f64 {\n    v.iter().sum::<f64>() / v.len() as f64\n}\n\
Am Abend kam der Regen, und niemand wusste, ob die Fähre noch fuhr. She closed the book.";

/// Positions at the beginning that are not counted: so little context says little about a model.
const N_SKIPPED: usize = 16;

/// Most positions of the text; only vocabularies of letters have more.
const N_TOKEN: usize = 128;

/// Ids of a position that are compared one by one; the others are one bucket. Whole rows of all positions would be tens
/// of MB in a wasm heap that never shrinks.
const N_TOP: usize = 64;

/// Counts up when results measured before no longer hold: other numbers above, or other arithmetic in the kernels.
const VERSION: u8 = 2;

/// Names a file for [`Gate::key`] by its header, which holds its metadata, vocabulary and table of tensors.
///
/// Two files with one header and different weights, steps of one training say, share a result. So do adapters and types
/// of cache, which hardly matter to a difference between two runs on the same one.
pub(crate) fn key(header_bytes: &[u8], total_bytes: Option<u64>) -> u64 {
    let mut hash = Fnv::default();
    hash.write(header_bytes);
    hash.write(&total_bytes.unwrap_or(0).to_le_bytes());
    hash.write(TEXT.as_bytes());
    hash.write(&[VERSION]);
    hash.finish()
}

impl Model {
    /// Takes int8 or f32 where both were recorded, and says what is known of the model.
    pub(crate) async fn choose_activations(
        &mut self,
        key: u64,
        known: Option<Gate>,
        abort: &Abort,
    ) -> Result<()> {
        if self.inner.recorded_activations().count() > 1 {
            self.gate = match self.measure_gate(key, abort).await {
                Ok(gate) => gate,
                Err(why @ (Error::Aborted | Error::DeviceLost(_))) => return Err(why),
                // What the comparison alone needs is no reason to refuse a model that runs in f32.
                Err(_) => None,
            };
            let is_int8 = self.gate.is_some_and(|gate| gate.allows());
            self.inner.set_activations(match is_int8 {
                true => ActivationType::Int8,
                false => ActivationType::F32,
            });
            self.inner.keep_current_activations();
        } else {
            self.gate = known;
        }
        self.info.activations = self.inner.activations().name();
        self.info.dispatches_per_token = self.inner.dispatches_per_token();
        Ok(())
    }

    /// What int8 activations cost this model: measured by this load, or known before; `None` where nobody had to know,
    /// or it cannot be measured.
    #[must_use]
    pub fn gate(&self) -> Option<Gate> {
        self.gate
    }

    /// Measures what int8 costs this model, for which both ways were recorded; which of them is in use afterwards is not said.
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
        ids.truncate(N_TOKEN);
        // A context too short for the text would give another result under the same key.
        if ids.len() <= N_SKIPPED || self.check_ids(&ids).is_err() {
            return Ok(None);
        }
        self.inner.set_activations(ActivationType::F32);
        let mut exact = Vec::new();
        let mut keep = |pos: usize, row: &[f32]| {
            if pos >= N_SKIPPED {
                exact.push(Top::new(row));
            }
        };
        self.logits_all(&ids, abort, &mut keep).await?;

        self.inner.set_activations(ActivationType::Int8);
        let mut sum = 0.0;
        let mut compare = |pos: usize, row: &[f32]| {
            if let Some(wanted) = pos.checked_sub(N_SKIPPED).and_then(|i| exact.get(i)) {
                sum += wanted.kl(row);
            }
        };
        self.logits_all(&ids, abort, &mut compare).await?;
        let mean_kl = sum / exact.len() as f64;
        Ok(Some(Gate { key, mean_kl }))
    }
}

/// A row of logits by its most likely ids: their log-probabilities, all others are one bucket.
struct Top {
    ids: Vec<(u32, f64)>,
}

impl Top {
    fn new(row: &[f32]) -> Self {
        let log_sum = log_sum(row);
        let mut ids: Vec<u32> = (0..row.len() as u32).collect();
        if ids.len() > N_TOP {
            ids.select_nth_unstable_by(N_TOP, |a, b| row[*b as usize].total_cmp(&row[*a as usize]));
            ids.truncate(N_TOP);
        }
        let with = |id: u32| (id, f64::from(row[id as usize]) - log_sum);
        Self {
            ids: ids.into_iter().map(with).collect(),
        }
    }

    /// KL divergence of the distribution of `got` from this one.
    fn kl(&self, got: &[f32]) -> f64 {
        let log_sum = log_sum(got);
        let (mut kl, mut rest_want, mut rest_got) = (0.0, 1.0, 1.0);
        for &(id, want) in &self.ids {
            let got = f64::from(got[id as usize]) - log_sum;
            kl += want.exp() * (want - got);
            rest_want -= want.exp();
            rest_got -= got.exp();
        }
        // Below this a rest is what rounding left of the sum. One that lost all its mass counts as if it had this much.
        const MIN_REST: f64 = 1e-9;
        if rest_want > MIN_REST {
            kl += rest_want * (rest_want / rest_got.max(MIN_REST)).ln();
        }
        kl
    }
}

/// The logarithm of the sum of exponentials.
fn log_sum(row: &[f32]) -> f64 {
    let max = row.iter().copied().fold(f32::MIN, f32::max);
    let sum: f64 = row.iter().map(|x| f64::from(x - max).exp()).sum();
    f64::from(max) + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::{Gate, MAX_MEAN_KL, N_TOP, Top};

    #[test]
    fn kl_of_two_coins() {
        let fair = [0.5_f32.ln(), 0.5_f32.ln()];
        let biased = [0.25_f32.ln(), 0.75_f32.ln()];
        let want = 0.5 * (0.5_f64 / 0.25).ln() + 0.5 * (0.5_f64 / 0.75).ln();
        assert!((Top::new(&fair).kl(&biased) - want).abs() < 1e-6);
        // A constant added to all logits changes nothing.
        assert!(Top::new(&fair).kl(&fair.map(|x| x + 3.0)).abs() < 1e-6);
    }

    #[test]
    fn what_is_not_among_the_most_likely_is_one_bucket() {
        // Half of the mass in N_TOP ids, half in as many others, which then lose all of it.
        let want: Vec<f32> = (0..2 * N_TOP)
            .map(|i| if i < N_TOP { 1e-3 } else { 0.0 })
            .collect();
        let got: Vec<f32> = (0..2 * N_TOP)
            .map(|i| if i < N_TOP { 0.0 } else { -30.0 })
            .collect();
        let kl = Top::new(&want).kl(&got);
        assert!(kl > 5.0, "{kl}: half of the mass went to next to nothing");
        assert!(Top::new(&want).kl(&want).abs() < 1e-9);
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
