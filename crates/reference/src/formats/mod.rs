//! Weight formats: the bytes of a GGUF file, their values, and the planes that the GPU reads.

mod f16;
mod f32;
mod planes;
mod q4_0;
mod q8_0;
mod rows;

pub use planes::{Planes, repack, unpack};
pub use rows::{dequantize, is_supported, row_bytes};

use planes::{pack_scales, unpack_scale, words};
