//! A model on the GPU: hyperparameters, weights as they stream in, paged KV, and one forward pass.
//!
//! All GPU work goes through `ggweb-gpu`, which knows no model; the GPU library itself is not named here.
//!
//! The modules, in reading order:
//!
//! 1. [`hparams`]: the file's metadata, checked once.
//! 2. [`layout`]: which tensor goes to which planes of which slab.
//! 3. [`memory`]: bytes by purpose, known before the first weight byte, and whether they fit.
//! 4. [`weights`]: tensor bytes on their way to the GPU, window by window.
//! 5. [`rope`]: the table of angles.
//! 6. [`kv`]: pages of K and V and the block table.
//! 7. [`forward`]: the forward pass, recorded.
//! 8. [`ModelBuilder`]: all of it together, while the file streams in.
//! 9. [`model`]: the result, one batch at a time.
//! 10. [`score`]: logits of many rows at once.

mod builder;
mod error;
pub mod forward;
pub mod hparams;
pub mod kv;
pub mod layout;
pub mod memory;
pub mod model;
mod placer;
mod recordings;
pub mod rope;
pub mod score;
pub mod weights;
mod window;

pub use builder::{ModelBuilder, ModelOptions, N_CTX_DEFAULT};
pub use error::{Error, Result};
pub use hparams::Hparams;
pub use kv::KvOptions;
pub use memory::MemoryPlan;
pub use model::{Batch, Head, Model};
