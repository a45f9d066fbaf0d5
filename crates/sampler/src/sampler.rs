//! The sampler: settings, the last ids, and the chain over one position's logits.

use std::collections::VecDeque;

use crate::chain::{self, Candidate};
use crate::{Error, Result, SamplerOptions, uniform};

/// Chooses token ids; one for each running sequence.
#[derive(Debug, Clone)]
pub struct Sampler {
    options: SamplerOptions,
    /// The last `repeat_last_n` accepted ids, oldest first.
    last_ids: VecDeque<u32>,
    /// Kept between calls, so that a step allocates nothing.
    candidates: Vec<Candidate>,
}

impl Sampler {
    /// A sampler that has seen no id yet.
    ///
    /// # Errors
    /// [`Error::OptionOutOfRange`] if an option has a value that is not permitted.
    pub fn new(options: &SamplerOptions) -> Result<Self> {
        options.check()?;
        Ok(Self {
            options: options.clone(),
            last_ids: VecDeque::new(),
            candidates: Vec::new(),
        })
    }

    /// Whether the choice is always the argmax of the raw logits, which the GPU can find by itself.
    pub fn is_greedy(&self) -> bool {
        self.options.temperature <= 0.0 && !self.options.has_penalty()
    }

    /// Remembers an id for the repeat penalty: those of the prompt too, then each one chosen.
    pub fn accept(&mut self, id: u32) {
        if !self.options.has_penalty() {
            return;
        }
        if self.last_ids.len() >= self.options.repeat_last_n as usize {
            self.last_ids.pop_front();
        }
        self.last_ids.push_back(id);
    }

    /// Chooses the id that comes at `position` of `sequence`.
    ///
    /// The chain is penalties, top-k, top-p, min-p, temperature, draw; at temperature 0 or less the most
    /// likely token (the lowest id of equal ones) after the penalties. The random number is
    /// [`uniform`]`(seed, position, sequence)`. NaN counts as negative infinity, positive infinity as the
    /// largest finite number, and a token at negative infinity is never chosen.
    ///
    /// # Shapes
    /// `logits`: `[n_vocab]`.
    ///
    /// # Errors
    /// [`Error::NoCandidate`] if every logit is NaN or negative infinity, or if there are none.
    pub fn sample(&mut self, logits: &[f32], position: u64, sequence: u64) -> Result<u32> {
        let options = &self.options;
        let candidates = &mut self.candidates;
        candidates.clear();
        candidates.extend(
            logits
                .iter()
                .zip(0..)
                .map(|(&logit, id)| Candidate::new(id, logit)),
        );
        if options.has_penalty() {
            let mut distinct: Vec<u32> = self.last_ids.iter().copied().collect();
            distinct.sort_unstable();
            distinct.dedup();
            chain::repeat_penalty(candidates, &distinct, options.repeat_penalty);
        }
        candidates.retain(|c| c.logit > f32::NEG_INFINITY);
        let none = Error::NoCandidate {
            n_vocab: logits.len(),
        };
        if options.temperature <= 0.0 {
            return chain::argmax(candidates).map(|c| c.id).ok_or(none);
        }
        chain::top_k(candidates, options.top_k as usize);
        chain::top_p(candidates, options.top_p);
        chain::min_p(candidates, options.min_p);
        chain::draw(
            candidates,
            options.temperature,
            uniform(options.seed, position, sequence),
        )
        .ok_or(none)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything off but the draw at temperature 1.
    fn plain() -> SamplerOptions {
        SamplerOptions {
            temperature: 1.0,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            ..Default::default()
        }
    }

    fn greedy() -> SamplerOptions {
        SamplerOptions {
            temperature: 0.0,
            ..plain()
        }
    }

    fn logits_of(weights: &[f32]) -> Vec<f32> {
        weights.iter().map(|w| w.ln()).collect()
    }

    /// How often each id comes in `n` draws at positions 0, 1, 2, …
    fn count(options: &SamplerOptions, logits: &[f32], n: u32) -> Vec<u32> {
        let mut sampler = Sampler::new(options).unwrap();
        let mut counts = vec![0; logits.len()];
        for position in 0..n {
            counts[sampler.sample(logits, u64::from(position), 0).unwrap() as usize] += 1;
        }
        counts
    }

    #[test]
    fn draws_follow_the_softmax() {
        let weights = [0.05, 0.2, 0.0, 0.4, 0.1, 0.25];
        let n = 100_000;
        let counts = count(&plain(), &logits_of(&weights), n);
        assert_eq!(counts[2], 0);
        let chi_square: f64 = counts
            .iter()
            .zip(weights)
            .filter(|&(_, w)| w > 0.0)
            .map(|(&count, w)| {
                (f64::from(count) - f64::from(w) * f64::from(n)).powi(2)
                    / (f64::from(w) * f64::from(n))
            })
            .sum();
        // Four degrees of freedom: 18.47 is exceeded once in a thousand.
        assert!(chi_square < 18.47, "{chi_square}: {counts:?}");
    }

    #[test]
    fn temperature_sharpens_and_flattens() {
        let logits = logits_of(&[0.8, 0.2]);
        let share = |temperature| {
            count(
                &SamplerOptions {
                    temperature,
                    ..plain()
                },
                &logits,
                20_000,
            )[0] as f32
                / 20_000.0
        };
        // 0.8² / (0.8² + 0.2²) and √0.8 / (√0.8 + √0.2); five standard deviations are 0.014.
        assert!((share(0.5) - 0.941).abs() < 0.014);
        assert!((share(2.0) - 0.667).abs() < 0.017);
    }

    #[test]
    fn same_seed_same_ids_other_seed_other_ids() {
        let logits: Vec<f32> = (0..1000).map(|i| ((i * 37) % 101) as f32 / 25.0).collect();
        let run = |seed, sequence| {
            let mut sampler = Sampler::new(&SamplerOptions {
                seed,
                ..Default::default()
            })
            .unwrap();
            (0..50)
                .map(|position| sampler.sample(&logits, position, sequence).unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(run(7, 0), run(7, 0));
        assert_ne!(run(7, 0), run(8, 0));
        assert_ne!(run(7, 0), run(7 << 32, 0));
        assert_ne!(run(7, 0), run(7, 1));
    }

    #[test]
    fn a_draw_does_not_depend_on_the_draws_before_it() {
        let logits = logits_of(&[0.25; 4]);
        let mut forwards = Sampler::new(&plain()).unwrap();
        let mut backwards = forwards.clone();
        let up: Vec<u32> = (0..64)
            .map(|p| forwards.sample(&logits, p, 3).unwrap())
            .collect();
        let mut down: Vec<u32> = (0..64)
            .rev()
            .map(|p| backwards.sample(&logits, p, 3).unwrap())
            .collect();
        down.reverse();
        assert_eq!(up, down);
    }

    #[test]
    fn greedy_takes_the_lowest_id_of_equal_logits() {
        let mut sampler = Sampler::new(&greedy()).unwrap();
        assert!(sampler.is_greedy());
        assert_eq!(sampler.sample(&[1.0, 7.0, 7.0, 2.0], 0, 0), Ok(1));
        assert_eq!(
            sampler.sample(&[-1.0, -0.0, 0.0], 0, 0),
            Ok(1),
            "the zeros are equal"
        );
    }

    #[test]
    fn greedy_is_seen_through_options_that_change_nothing() {
        let is_greedy = |options: SamplerOptions| Sampler::new(&options).unwrap().is_greedy();
        assert!(is_greedy(SamplerOptions {
            temperature: -1.0,
            top_k: 5,
            top_p: 0.1,
            min_p: 0.9,
            ..greedy()
        }));
        assert!(is_greedy(SamplerOptions {
            repeat_penalty: 1.5,
            repeat_last_n: 0,
            ..greedy()
        }));
        assert!(!is_greedy(SamplerOptions {
            repeat_penalty: 1.5,
            ..greedy()
        }));
        assert!(!is_greedy(SamplerOptions::default()));
    }

    #[test]
    fn penalty_counts_an_id_once_and_forgets_it_after_the_window() {
        let options = SamplerOptions {
            repeat_penalty: 2.0,
            repeat_last_n: 3,
            ..greedy()
        };
        let mut sampler = Sampler::new(&options).unwrap();
        let logits = [4.0, 3.0, 1.5];
        assert_eq!(sampler.sample(&logits, 0, 0), Ok(0));
        for _ in 0..3 {
            sampler.accept(0);
        }
        // 4 / 2 = 2 lies between 3 and 1.5; three divisions would put it last.
        assert_eq!(sampler.sample(&logits, 1, 0), Ok(1));
        sampler.accept(1);
        assert_eq!(sampler.sample(&logits, 2, 0), Ok(0));
        sampler.accept(2);
        sampler.accept(1);
        sampler.accept(2);
        assert_eq!(
            sampler.sample(&logits, 3, 0),
            Ok(0),
            "0 has left the window"
        );
        assert_eq!(sampler.last_ids, [2, 1, 2]);
    }

    #[test]
    fn penalties_come_before_top_k() {
        let options = SamplerOptions {
            repeat_penalty: 10.0,
            top_k: 1,
            ..plain()
        };
        let mut sampler = Sampler::new(&options).unwrap();
        sampler.accept(0);
        // The other way round top-k would leave nothing but id 0.
        assert_eq!(sampler.sample(&[5.0, 4.0], 0, 0), Ok(1));
    }

    #[test]
    fn top_k_comes_before_top_p() {
        // Of the two that top-k leaves the first has 0.4 / 0.7 = 0.57; of all four it has 0.4.
        let options = SamplerOptions {
            top_k: 2,
            top_p: 0.5,
            ..plain()
        };
        let counts = count(&options, &logits_of(&[0.4, 0.3, 0.2, 0.1]), 1000);
        assert_eq!(counts, [1000, 0, 0, 0]);
    }

    #[test]
    fn top_p_and_min_p_come_before_temperature() {
        let logits = logits_of(&[0.9, 0.06, 0.04]);
        // At temperature 100 all three are nearly equal: top-p and min-p would keep more.
        for options in [
            SamplerOptions {
                top_p: 0.85,
                temperature: 100.0,
                ..plain()
            },
            SamplerOptions {
                min_p: 0.5,
                temperature: 100.0,
                ..plain()
            },
        ] {
            assert_eq!(count(&options, &logits, 1000), [1000, 0, 0]);
        }
    }

    #[test]
    fn nan_and_infinities_do_not_panic() {
        let logits = [f32::NAN, f32::NEG_INFINITY, 1.0, f32::NAN, -f32::NAN];
        assert_eq!(count(&plain(), &logits, 100), [0, 0, 100, 0, 0]);
        let mut sampler = Sampler::new(&greedy()).unwrap();
        assert_eq!(sampler.sample(&logits, 0, 0), Ok(2));
        assert_eq!(
            sampler.sample(&[1.0, f32::INFINITY, f32::INFINITY], 0, 0),
            Ok(1)
        );
        let counts = count(
            &SamplerOptions::default(),
            &[0.0, f32::INFINITY, f32::INFINITY],
            1000,
        );
        assert_eq!(counts[0], 0);
        assert!(counts[1] > 400 && counts[2] > 400, "{counts:?}");
    }

    #[test]
    fn nothing_to_choose_is_an_error() {
        for options in [plain(), greedy(), SamplerOptions::default()] {
            let mut sampler = Sampler::new(&options).unwrap();
            for logits in [&[][..], &[f32::NAN, f32::NEG_INFINITY]] {
                assert_eq!(
                    sampler.sample(logits, 0, 0),
                    Err(Error::NoCandidate {
                        n_vocab: logits.len()
                    })
                );
            }
        }
    }

    #[test]
    fn the_default_chain_over_a_large_vocabulary_keeps_to_its_candidates() {
        let n_vocab = 151_936_u32;
        // A distinct logit for each id, in a scattered order; 7919 is prime and divides no power of two.
        let rank = |id: u32| (u64::from(id) * 7919 % u64::from(n_vocab)) as u32;
        let logits: Vec<f32> = (0..n_vocab).map(|id| -(rank(id) as f32) * 1e-3).collect();
        for (options, n_kept) in [
            (
                SamplerOptions {
                    top_p: 1.0,
                    min_p: 0.0,
                    ..Default::default()
                },
                40,
            ),
            // exp(-r / 1000) sums to one half of the whole at rank 1000 × ln 2 = 693.
            (
                SamplerOptions {
                    top_k: 0,
                    top_p: 0.5,
                    min_p: 0.0,
                    ..Default::default()
                },
                694,
            ),
            (
                SamplerOptions {
                    top_k: 0,
                    top_p: 1.0,
                    min_p: 0.5,
                    ..Default::default()
                },
                694,
            ),
        ] {
            let mut sampler = Sampler::new(&options).unwrap();
            for position in 0..20 {
                let id = sampler.sample(&logits, position, 0).unwrap();
                assert!(rank(id) < n_kept, "rank {} with {options:?}", rank(id));
            }
        }
    }
}
