//! Measuring prefill and decode, as the CLI and the demo page print it.

use ggweb_gpu::Clock;
use ggweb_model::forward::Phase;
use ggweb_model::{Batch, Head};

use crate::abort::Abort;
use crate::error::{Error, Result};
use crate::fnv::Fnv;
use crate::model::Model;

/// One figure over several repetitions.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rate {
    /// The middle one.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

impl Rate {
    /// Summarizes `values`, of which there is at least one.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (Some(min), Some(max)) = (sorted.first(), sorted.last()) else {
            return Self::default();
        };
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            sorted[middle]
        } else {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        };
        Self {
            median,
            min: *min,
            max: *max,
        }
    }
}

/// What was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct BenchReport {
    /// Prompt tokens per second.
    pub prefill_tok_s: Rate,
    /// Prompt tokens per CPU second of the process, where the caller can tell CPU time.
    pub prefill_tok_cpu_s: Option<Rate>,
    /// Generated tokens per second, at depth `p`.
    pub decode_tok_s: Rate,
    /// Generated tokens per CPU second.
    pub decode_tok_cpu_s: Option<Rate>,
    /// Bytes of weights that a decode step reads.
    pub bytes_per_token: u64,
    /// Bytes of weights read per second of decode, in GB/s.
    pub gb_s: f64,
    /// Dispatches of a decode step.
    pub dispatches_per_token: usize,
    /// FNV-1a of the bits of the last logits.
    pub logits_hash: u64,
}

impl Model {
    /// Runs `p` prompt tokens, then `n` greedy tokens, `r` times after one warm-up. `cpu_s` gives the CPU seconds of
    /// the process so far, where that can be known.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if a number is 0, [`Error::ContextFull`], or what the device reports.
    pub async fn bench(
        &mut self,
        (p, n, r): (u32, u32, u32),
        cpu_s: Option<&dyn Fn() -> f64>,
        abort: &Abort,
    ) -> Result<BenchReport> {
        if p == 0 || n == 0 || r == 0 {
            return Err(Error::InvalidArgument(format!(
                "prompt tokens, generated tokens and rounds are at least 1, not {p}, {n} and {r}"
            )));
        }
        let n_ctx = self.info.n_ctx;
        if u64::from(p) + u64::from(n) > u64::from(n_ctx) {
            return Err(Error::InvalidArgument(format!(
                "{p} prompt tokens and {n} generated ones are more than the context holds, {n_ctx}"
            )));
        }
        let ids = prompt(p, self.info.n_vocab);
        let mut runs = Vec::new();
        for round in 0..=r {
            let run = self.bench_once(&ids, n, cpu_s, abort).await?;
            // The first round compiles what the driver left for later and fills caches.
            if round > 0 {
                runs.push(run);
            }
        }
        let logits_hash = self.bench_hash(&ids, abort).await?;
        let rate = |tokens: u32, pick: &dyn Fn(&[f64; 4]) -> f64| {
            Rate::of(
                &runs
                    .iter()
                    .map(|run| f64::from(tokens) / pick(run).max(1e-9))
                    .collect::<Vec<_>>(),
            )
        };
        let decode_tok_s = rate(n, &|run| run[1]);
        Ok(BenchReport {
            prefill_tok_s: rate(p, &|run| run[0]),
            prefill_tok_cpu_s: cpu_s.map(|_| rate(p, &|run| run[2])),
            decode_tok_s,
            decode_tok_cpu_s: cpu_s.map(|_| rate(n, &|run| run[3])),
            bytes_per_token: self.info.bytes_per_token,
            gb_s: self.info.bytes_per_token as f64 * decode_tok_s.median / 1e9,
            dispatches_per_token: self.info.dispatches_per_token,
            logits_hash,
        })
    }

    /// Seconds of prefill and decode, then their CPU seconds.
    async fn bench_once(
        &mut self,
        ids: &[u32],
        n: u32,
        cpu_s: Option<&dyn Fn() -> f64>,
        abort: &Abort,
    ) -> Result<[f64; 4]> {
        let cpu = || cpu_s.map_or(0.0, |cpu_s| cpu_s());
        let (clock, cpu_0) = (Clock::start(), cpu());
        self.prefill(ids, 0, abort, false).await?;
        let (prefill_s, cpu_1) = (clock.elapsed_ms() / 1000.0, cpu());
        let clock = Clock::start();
        let mut last = None;
        for i in 0..n {
            crate::model::stop_if(abort)?;
            let batch = Batch {
                tokens: None,
                pos: ids.len() as u32 + i,
                phase: Phase::Decode,
                head: Head::Token,
            };
            let ticket = self.inner.run(&batch)?;
            if let Some(before) = last.replace(ticket) {
                self.inner.token(before).await?;
            }
        }
        if let Some(ticket) = last {
            self.inner.token(ticket).await?;
        }
        Ok([
            prefill_s,
            clock.elapsed_ms() / 1000.0,
            cpu_1 - cpu_0,
            cpu() - cpu_1,
        ])
    }

    async fn bench_hash(&mut self, ids: &[u32], abort: &Abort) -> Result<u64> {
        let mut hash = Fnv::default();
        for logit in self.logits(ids, abort).await? {
            hash.write(&logit.to_bits().to_le_bytes());
        }
        Ok(hash.finish())
    }
}

/// `p` ids that look random and are the same everywhere.
fn prompt(p: u32, n_vocab: u32) -> Vec<u32> {
    (0..u64::from(p))
        .map(|i| {
            let mixed = (i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            ((mixed >> 33) % u64::from(n_vocab)) as u32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Rate;

    #[test]
    fn the_median_of_an_even_number_lies_between() {
        let rate = Rate::of(&[4.0, 1.0, 3.0, 2.0]);
        assert_eq!(
            rate,
            Rate {
                median: 2.5,
                min: 1.0,
                max: 4.0
            }
        );
    }
}
