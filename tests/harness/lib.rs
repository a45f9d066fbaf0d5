//! What the workspace tests share: where the data lies, what the goldens say, how logits are compared.
//!
//! A test supplies a function from ids to logits; [`check`] does the rest.

mod base64;
pub mod check;
pub mod compare;
pub mod data;
pub mod engine;
pub mod golden;
pub mod gpu;
pub mod noise;
pub mod shaders;

pub use base64::decode_f32s;
