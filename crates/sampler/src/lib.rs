//! Logits + settings + seed → token id.
//!
//! A [`Sampler`] holds the settings and the ids chosen so far; [`Sampler::sample`] runs the chain
//! penalties → top-k → top-p → min-p → temperature → draw over one position's logits.
//! Random numbers are counter-based ([`philox4x32_10`]): a draw depends on the seed, the position
//! and the sequence only, never on how many draws came before it, so that a GPU can make the same one.
//!
//! This crate does no I/O, reads no clock and has no dependency.
//!
//! ```
//! use ggweb_sampler::{Sampler, SamplerOptions};
//!
//! # fn main() -> Result<(), ggweb_sampler::Error> {
//! let mut sampler = Sampler::new(&SamplerOptions { seed: 42, ..SamplerOptions::default() })?;
//! let logits = [0.5_f32, 3.0, -1.0, 2.5];
//! let id = sampler.sample(&logits, 7, 0)?;
//! sampler.accept(id);
//! assert_eq!(id, sampler.sample(&logits, 7, 0)?); // same seed, same position: same id
//! # Ok(())
//! # }
//! ```

mod sampler;

mod chain;
mod error;
mod options;
mod philox;

pub use error::{Error, Result};
pub use options::SamplerOptions;
pub use philox::{philox4x32_10, uniform};
pub use sampler::Sampler;
