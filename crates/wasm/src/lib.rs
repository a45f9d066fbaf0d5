//! The engine as JavaScript sees it: [`Loader`] takes a file in chunks and becomes an [`EngineModel`].
//!
//! Only numbers, strings, byte chunks (as handles, not copies) and one error shape, `{ code, message }`, cross.
//! Nothing here decides anything. Objects cross in the engine's names or, where the page's user sees them as they
//! are, in JavaScript's.
#![cfg(target_arch = "wasm32")]

mod js;
mod loader;
mod model;
mod panic;
mod tokenizer;

pub use loader::Loader;
pub use model::EngineModel;
pub use panic::{panic_now, set_panic_handler};
