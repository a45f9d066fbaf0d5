//! The public Rust API of ggweb: load a GGUF model onto a GPU and generate text with it.
//!
//! Text or token ids go in, text and ids come out; the same calls work natively and in a browser's worker, because
//! everything that waits is `async` and bytes arrive as [`Chunk`]s from any source.
//!
//! ```no_run
//! use ggweb_engine::{Abort, Device, DeviceOptions, GenerateOptions, LoadOptions, Loader, Prompt};
//!
//! # async fn run() -> Result<(), ggweb_engine::Error> {
//! let device = Device::open(&DeviceOptions::default()).await?;
//! let file = std::fs::read("model.gguf").expect("the model is there");
//! let mut loader = Loader::new(device, LoadOptions::default(), Some(file.len() as u64));
//! for piece in file.chunks(1 << 20) {
//!     loader.push(piece.to_vec().into()).await?;
//! }
//! let mut model = loader.finish().await?;
//! let prompt = Prompt::Text("Once upon a time".to_owned());
//! let answer = model
//!     .generate(&prompt, &GenerateOptions::default(), &Abort::new(), &mut |text, _id| print!("{text}"))
//!     .await?;
//! println!("\n{} tokens, stopped by {}", answer.tokens.len(), answer.stop_reason);
//! # Ok(())
//! # }
//! ```
//!
//! The modules, in reading order: [`mod@load`], [`gate`], [`model`], [`generate`], [`mod@bench`].

mod abort;
pub mod bench;
mod error;
mod fnv;
pub mod gate;
pub mod generate;
mod info;
pub mod load;
pub mod model;

pub use abort::Abort;
pub use bench::{BenchReport, Rate};
pub use error::{Error, Result};
pub use gate::{ActivationsChoice, Gate};
pub use generate::{GenerateOptions, Generation, Prompt, StopReason, Timings};
pub use ggweb_gpu::ops::KvType;
pub use ggweb_gpu::{Chunk, Clock, Device, DeviceOptions, LimitsChoice, ParamsChoice, Tier};
pub use ggweb_sampler::SamplerOptions;
pub use ggweb_tokenizer::{DetokenizeOptions, EncodeOptions, Tokenizer};
pub use info::{BytesByPurpose, ModelInfo, activation_bytes};
pub use load::{LoadOptions, Loader, Progress, parse_kv_type};
pub use model::Model;
