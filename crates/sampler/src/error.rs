//! What can be wrong with the options or with the logits.

use std::fmt;

/// A result whose error is this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Why a sampler could not be made or could not choose.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// An option has a value that its meaning does not allow.
    OptionOutOfRange {
        /// The option's name as in [`SamplerOptions`](crate::SamplerOptions).
        option: &'static str,
        /// The value given.
        value: f32,
        /// The values allowed, in words.
        allowed: &'static str,
    },
    /// No logit is above negative infinity, so no token may be chosen.
    NoCandidate {
        /// How many logits there were.
        n_vocab: usize,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OptionOutOfRange {
                option,
                value,
                allowed,
            } => {
                write!(
                    f,
                    "sampler option `{option}` is {value}, but must be {allowed}"
                )
            }
            Self::NoCandidate { n_vocab } => write!(
                f,
                "none of the {n_vocab} logits is above negative infinity (NaN counts as negative \
                 infinity): the model's output is broken or a mask forbids every token"
            ),
        }
    }
}

impl std::error::Error for Error {}
