//! One file for each operation, named like its shader.

mod argmax;
mod attention;
mod attention_merge;
mod get_rows;
mod kv_write;
mod matmul;
mod quantize;
mod rms_norm;
mod rope;
mod rope_kv;
mod swiglu;

pub use argmax::argmax;
pub use attention::attention;
pub use attention_merge::attention_merge;
pub use get_rows::get_rows;
pub use kv_write::{KvLayout, KvStorage, kv_write};
pub use matmul::{Epilogue, matmul};
pub use quantize::{QuantizedBlock, quantize, quantized};
pub use rms_norm::rms_norm;
pub use rope::{RopeAngles, rope, rope_table};
pub use rope_kv::{RopeKv, rope_kv};
pub use swiglu::{silu, swiglu};
