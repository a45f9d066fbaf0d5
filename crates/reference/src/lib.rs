//! The readable specification: a CPU twin of every GPU operation and weight format, and the whole
//! forward pass made of them.
//!
//! Plain nested loops in f32, no threads, nothing clever: when a shader and its twin disagree, the
//! twin is checked against its source first. Used by tests only.
//!
//! ```
//! use ggweb_reference::ops::rms_norm;
//!
//! let mut y = [0.0; 2];
//! rms_norm(&[3.0, 4.0], &[1.0, 1.0], 2, 3.5, &mut y);
//! assert_eq!(y, [0.75, 1.0]);
//! ```
#![expect(
    clippy::cast_possible_truncation,
    clippy::needless_range_loop,
    reason = "indices as in the shaders, so that both can be read side by side"
)]

mod error;
pub mod formats;
mod forward;
mod hparams;
pub mod ops;
mod weights;

pub use error::{Error, Result};
pub use forward::{Forward, forward};
pub use hparams::Hparams;
pub use weights::{Layer, Model};
