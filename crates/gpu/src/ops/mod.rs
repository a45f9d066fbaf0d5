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
mod quantize;
mod repack;
mod rms_norm;
mod rope_kv;

pub use argmax::{argmax, argmax_shader};
pub use attention::{AttentionShape, attention, attention_shader, partial_bytes};
pub use attention_merge::{attention_merge, attention_merge_shader};
pub use get_rows::{get_rows, get_rows_shader};
pub use matmul::{matmul, matmul_shader, matmul_tuned};
pub use matvec::{MatvecInput, NormedInput, matvec, matvec_shader, matvec_tuned};
pub use quantize::{QuantizedBlock, quantize, quantize_shader};
pub use repack::{RepackRange, repack, repack_shader, repack_shaders};
pub use rms_norm::{NormRows, RmsNorm, rms_norm, rms_norm_shader};
pub use rope_kv::{RopeKv, rope_kv, rope_kv_shader};

use ggweb_gguf::{GgmlType, Kind};

use crate::buffer::Binding;
use crate::caps::Caps;
use crate::device::Device;
use crate::shader::Access;
use crate::weight::{PlaneLayout, WeightPart};

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

/// How a matrix product reads its x.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ActivationType {
    /// As it is.
    #[default]
    F32,
    /// Rounded to 8 bits in blocks of 32 with a scale each, and multiplied as whole numbers: what the field calls
    /// dynamic W8A8. Weights that are numbers and not quants have no such product.
    ///
    /// # Source
    /// Dettmers et al., "`LLM.int8()`", 2022; per block as ggml's `Q8_0`, for one scale a row loses small channels.
    Int8,
}

impl ActivationType {
    /// The name in options and reports: `f32` or `int8`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Int8 => "int8",
        }
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
    /// `[n_token, n_in]`, rows padded to whole blocks of 32; for `matmul` in int8 what [`quantize()`] made of it.
    pub x: &'a Binding,
    /// How it is read.
    pub activations: ActivationType,
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

/// How a kernel reads weights of one type: parts and bindings.
struct WeightParts {
    parts: Vec<&'static str>,
    /// 0 is `params`, 1 to 3 are planes, 4 is the grid; a kernel's own begin at 5.
    bindings: Vec<(u32, Access)>,
    consts: Vec<(&'static str, u32)>,
    f16: bool,
}

fn weight_parts(ggml_type: GgmlType, caps: &Caps) -> WeightParts {
    let format = ggml_type
        .format()
        .unwrap_or_else(|| panic!("{ggml_type} has no kernels: `PlaneLayout::new` refuses it"));
    let mut bindings = vec![(0, Access::Uniform), (1, Access::Read)];
    for plane in [1, 2] {
        if !format.planes[plane].is_empty() {
            bindings.push((plane as u32 + 1, Access::Read));
        }
    }
    let f16 = ggml_type == GgmlType::F16 && caps.reads_f16();
    let stem = if f16 {
        "formats/f16_native"
    } else {
        format.stem
    };
    let parts = match format.kind {
        Kind::plain => vec![stem],
        Kind::unsigned => vec!["common/w_unsigned", "common/w_words", stem],
        Kind::signed => vec!["common/w_signed", "common/w_words", stem],
    };
    let mut weight = WeightParts {
        parts,
        bindings,
        consts: Vec::new(),
        f16,
    };
    if let Some(grid) = format.grid {
        let (part, access) = caps.grid();
        weight.parts.push(part);
        weight.bindings.push((4, access));
        weight
            .consts
            .push(("GRID_PAIRS", grid.bytes().len() as u32 / 8));
    }
    weight
}

/// The part that multiplies weights of a type with a block of x.
///
/// # Panics
/// If the type's weights are numbers and x is int8: [`PlaneLayout::takes_int8`] says so.
fn dot_part(ggml_type: GgmlType, activations: ActivationType) -> &'static str {
    let kind = ggml_type.format().map(|format| format.kind);
    match (activations, kind) {
        (ActivationType::F32, Some(Kind::unsigned)) => "common/dot_unsigned",
        (ActivationType::F32, Some(Kind::signed)) => "common/dot_signed",
        (ActivationType::F32, _) => "common/dot_plain",
        (ActivationType::Int8, Some(Kind::unsigned)) => "common/dot_unsigned_i8",
        (ActivationType::Int8, Some(Kind::signed)) => "common/dot_signed_i8",
        (ActivationType::Int8, _) => panic!("weights in {ggml_type} have no product with int8"),
    }
}

/// What is bound at 1 to 4: the planes, and the grid of the type.
fn weight_bindings(device: &Device, layout: &PlaneLayout, part: &WeightPart) -> Vec<Binding> {
    let mut bindings = part.bindings();
    bindings.extend(layout.format.grid.map(|grid| device.grid(grid)));
    bindings
}
