//! The settings of a sampler and their permitted values.

use crate::{Error, Result};

/// The settings of the sampler chain.
///
/// The defaults are llama.cpp's, but for the seed, which is 0 and not a random one.
#[derive(Debug, Clone, PartialEq)]
pub struct SamplerOptions {
    /// Divides the logits before the draw; zero or less always takes the most likely token.
    pub temperature: f32,
    /// Keeps the `top_k` most likely tokens; 0 keeps all.
    pub top_k: u32,
    /// Keeps the fewest most likely tokens whose probabilities add up to `top_p`, in (0, 1]; 1 keeps all.
    pub top_p: f32,
    /// Drops tokens less likely than `min_p` times the most likely one, in [0, 1]; 0 keeps all.
    pub min_p: f32,
    /// Makes ids of the last `repeat_last_n` less likely (above 1) or more likely (below 1); 1 is off.
    pub repeat_penalty: f32,
    /// How many of the last ids `repeat_penalty` looks back on; 0 is off.
    pub repeat_last_n: u32,
    /// The key of the random numbers.
    pub seed: u64,
}

impl Default for SamplerOptions {
    fn default() -> Self {
        Self {
            temperature: 0.8,
            top_k: 40,
            top_p: 0.95,
            min_p: 0.05,
            repeat_penalty: 1.0,
            repeat_last_n: 64,
            seed: 0,
        }
    }
}

impl SamplerOptions {
    /// Checks every option against its permitted values.
    ///
    /// # Errors
    /// [`Error::OptionOutOfRange`] for the first option that has none of them.
    pub fn check(&self) -> Result<()> {
        let rules = [
            (
                "temperature",
                self.temperature,
                self.temperature.is_finite(),
                "a finite number (0 or less is greedy)",
            ),
            (
                "top_p",
                self.top_p,
                self.top_p > 0.0 && self.top_p <= 1.0,
                "above 0 and at most 1 (1 is off)",
            ),
            (
                "min_p",
                self.min_p,
                (0.0..=1.0).contains(&self.min_p),
                "from 0 to 1 (0 is off)",
            ),
            (
                "repeat_penalty",
                self.repeat_penalty,
                self.repeat_penalty > 0.0 && self.repeat_penalty.is_finite(),
                "a finite number above 0 (1 is off)",
            ),
        ];
        match rules.into_iter().find(|&(_, _, ok, _)| !ok) {
            Some((option, value, _, allowed)) => Err(Error::OptionOutOfRange {
                option,
                value,
                allowed,
            }),
            None => Ok(()),
        }
    }

    /// Whether ids seen before change the logits at all.
    pub(crate) fn has_penalty(&self) -> bool {
        self.repeat_penalty != 1.0 && self.repeat_last_n > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_pass_and_are_llama_cpps() {
        let options = SamplerOptions::default();
        assert_eq!(options.check(), Ok(()));
        let SamplerOptions {
            temperature,
            top_k,
            top_p,
            min_p,
            repeat_penalty,
            repeat_last_n,
            seed,
        } = options;
        assert_eq!((temperature, top_k, top_p, min_p), (0.8, 40, 0.95, 0.05));
        assert_eq!((repeat_penalty, repeat_last_n, seed), (1.0, 64, 0));
    }

    #[test]
    fn bounds_belong_to_the_range() {
        for (top_p, min_p, temperature) in [(1.0, 0.0, 0.0), (f32::MIN_POSITIVE, 1.0, -1.0)] {
            let options = SamplerOptions {
                top_p,
                min_p,
                temperature,
                ..Default::default()
            };
            assert_eq!(options.check(), Ok(()));
        }
    }

    #[test]
    fn each_bad_value_names_its_option() {
        let base = SamplerOptions::default();
        let bad = |option: &str, options: SamplerOptions| match options.check() {
            Err(Error::OptionOutOfRange { option: found, .. }) => assert_eq!(found, option),
            other => panic!("{option}: {other:?}"),
        };
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            bad(
                "temperature",
                SamplerOptions {
                    temperature: value,
                    ..base.clone()
                },
            );
        }
        for value in [f32::NAN, 0.0, -0.1, 1.5, f32::INFINITY] {
            bad(
                "top_p",
                SamplerOptions {
                    top_p: value,
                    ..base.clone()
                },
            );
        }
        for value in [f32::NAN, -0.1, 1.5, f32::INFINITY] {
            bad(
                "min_p",
                SamplerOptions {
                    min_p: value,
                    ..base.clone()
                },
            );
        }
        for value in [f32::NAN, 0.0, -2.0, f32::INFINITY] {
            bad(
                "repeat_penalty",
                SamplerOptions {
                    repeat_penalty: value,
                    ..base.clone()
                },
            );
        }
    }

    #[test]
    fn the_message_says_option_value_and_range() {
        let error = SamplerOptions {
            top_p: 1.5,
            ..Default::default()
        }
        .check()
        .unwrap_err();
        assert_eq!(
            error.to_string(),
            "sampler option `top_p` is 1.5, but must be above 0 and at most 1 (1 is off)"
        );
    }
}
