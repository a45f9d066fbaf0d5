//! The ops: one file each, named like its shader and its CPU twin.
//!
//! A file holds the `Params` of the shader, the shader as a list of parts, and a function that checks shapes and
//! records one dispatch (one per part of a weight that is split by rows).

mod argmax;
mod attention;
mod attention_merge;
mod get_rows;
mod matmul;
mod matvec;
mod repack;
mod rms_norm;
mod rope_kv;

pub use argmax::{argmax, argmax_shader};
pub use attention::{AttentionShape, attention, attention_shader, partial_bytes};
pub use attention_merge::{attention_merge, attention_merge_shader};
pub use get_rows::{get_rows, get_rows_shader};
pub use matmul::{matmul, matmul_shader};
pub use matvec::{matvec, matvec_shader};
pub use repack::{RepackRange, repack, repack_shader};
pub use rms_norm::{RmsNorm, rms_norm, rms_norm_shader};
pub use rope_kv::{RopeKv, rope_kv, rope_kv_shader};

use crate::buffer::Binding;
use crate::caps::Caps;
use crate::shader::Access;
use ggweb_gguf::GgmlType;

/// What becomes of the sums of a matrix product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Epilogue {
    /// `y = sum + bias`.
    Store,
    /// `y += sum + bias`.
    Add,
    /// `y = silu(gate) * up`; the weight holds the gate rows, then the up rows.
    Swiglu,
    /// `y = silu(y) * (sum + bias)`: the up matrix where the gate's result stands in `y` already.
    Gated,
}

impl Epilogue {
    fn parts(self) -> &'static [&'static str] {
        match self {
            Self::Store => &["epilogue/store", "common/rows_plain"],
            Self::Add => &["epilogue/add", "common/rows_plain"],
            Self::Swiglu => &["epilogue/swiglu", "common/silu"],
            Self::Gated => &["epilogue/gated", "common/silu", "common/rows_plain"],
        }
    }

    /// Rows of weights per output.
    fn rows_per_output(self) -> u32 {
        if self == Self::Swiglu { 2 } else { 1 }
    }
}

/// The type of the numbers in a KV cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KvType {
    /// Two bytes each.
    #[default]
    F16,
    /// Four bytes each.
    F32,
}

impl KvType {
    /// Bytes per number.
    #[must_use]
    pub fn bytes(self) -> u64 {
        match self {
            Self::F16 => 2,
            Self::F32 => 4,
        }
    }
}

/// What changes from step to step, as the first 16 bytes of the step buffer; the block table follows at 256.
#[derive(Debug, Clone, Copy, Default, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Step {
    /// Rows of this batch.
    pub n_token: u32,
    /// Position of the first one.
    pub pos: u32,
    /// The row whose logits are wanted.
    pub logits_row: u32,
    /// Nothing.
    pub padding: u32,
}

/// Shape and operands shared by `matvec` and `matmul`.
#[derive(Debug, Clone, Copy)]
pub struct Product<'a> {
    /// `[n_out, n_in]`; with [`Epilogue::Swiglu`] `[2 n_out, n_in]`.
    pub weight: &'a crate::weight::Weight,
    /// `[n_out]`, or any zero with [`Epilogue::Swiglu`].
    pub bias: &'a Binding,
    /// `[n_token, n_in]`, rows padded to whole blocks of 32.
    pub x: &'a Binding,
    /// `[n_token, y_stride]`.
    pub y: &'a Binding,
    /// Numbers from row to row of `y`.
    pub y_stride: u32,
    /// What becomes of the sums.
    pub epilogue: Epilogue,
}

#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct ProductParams {
    n_block: u32,
    n_out: u32,
    row_begin: u32,
    y_stride: u32,
}

/// The part that says how the lanes of a subgroup of `size` share a block of x.
fn x_share(size: u32) -> &'static str {
    match size {
        8 => "common/x_share_8",
        4 => "common/x_share_4",
        _ => panic!("subgroups of {size} do not share x: `Caps` names 4 or 8"),
    }
}

/// The format's part, its bindings (1, and 2 for scales), and whether it uses `shader-f16`.
fn format(ggml_type: GgmlType, caps: &Caps) -> (&'static str, Vec<(u32, Access)>, bool) {
    let one = vec![(1, Access::Read)];
    let two = vec![(1, Access::Read), (2, Access::Read)];
    match ggml_type {
        GgmlType::Q4_0 => ("formats/q4_0", two, false),
        GgmlType::Q8_0 => ("formats/q8_0", two, false),
        GgmlType::F16 if caps.reads_f16() => ("formats/f16_native", one, true),
        GgmlType::F16 => ("formats/f16", one, false),
        GgmlType::F32 => ("formats/f32", one, false),
        other => panic!(
            "{} has no kernels: `PlaneLayout::new` refuses it",
            other.name()
        ),
    }
}
