//! The GPU below every model: device, buffers, shaders, recorded plans and the ops.
//!
//! This is the only crate that names `wgpu`, and it knows no model: it offers tensors, ops that record
//! dispatches into a [`Plan`], and the replay of that plan.
//! What differs between a browser and a native program sits behind the five functions of `platform`.
//!
//! The modules, in reading order:
//!
//! 1. [`caps`]: what an adapter can do, which tier is used of it, and the floor of limits asked for.
//! 2. [`device`]: adapter choice, the device, its errors and its loss.
//! 3. [`buffer`]: a buffer that frees its memory when dropped, and ranges of one.
//! 4. [`weight`]: a matrix as planes in a weight slab, whole or split by rows.
//! 5. [`shader`]: WGSL parts joined into one text, and the pipelines made from it.
//! 6. [`tuning`]: the two parameter sets of every op, in one table.
//! 7. [`plan`]: the list of dispatches, recorded once and replayed each step.
//! 8. [`readback`]: the only wait.
//! 9. [`ops`]: one file per op.

mod adapter;
pub mod buffer;
pub mod caps;
mod clock;
pub mod device;
mod error;
pub mod ops;
pub mod plan;
mod platform;
pub mod readback;
pub mod shader;
pub mod tuning;
pub mod weight;

pub use buffer::{Binding, Buffer, BufferUse};
pub use caps::{Caps, LimitsChoice, ParamsChoice, Tier};
pub use clock::Clock;
pub use device::{Device, DeviceOptions};
pub use error::{Error, Result};
pub use plan::{Grid, Plan, Recorder};
pub use platform::{Chunk, turn};
pub use readback::Readback;
pub use weight::{PlaneLayout, Weight};
