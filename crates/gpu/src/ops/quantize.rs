//! `quantize`: activations as int8, once for all the weights that read them.

use crate::buffer::Binding;
use crate::caps::Caps;
use crate::plan::{Grid, Recorder};
use crate::shader::{Access, Shader};
use crate::tuning::ELEMENTWISE_LANES;
use crate::weight::BLOCK;

#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Params {
    n_block: u32,
}

/// A block as it lies in a buffer: what a kernel loads as three `vec4`.
#[derive(Debug, Clone, Copy, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct QuantizedBlock {
    /// A value is `q * scale`.
    pub q: [i8; BLOCK as usize],
    /// The largest value's size over 127.
    pub scale: f32,
    /// Sums of `q` over both halves: whole numbers.
    pub sums: [f32; 2],
    /// Nothing.
    pub padding: f32,
}

/// The shader.
#[must_use]
pub fn quantize_shader(caps: &Caps) -> Shader {
    let lanes = caps.row_reduce().0.min(ELEMENTWISE_LANES);
    Shader {
        name: "quantize",
        parts: vec!["quantize", "common/x_block_i8"],
        consts: vec![("WORKGROUP_SIZE", lanes)],
        bindings: vec![
            (0, Access::Uniform),
            (1, Access::Uniform),
            (2, Access::Read),
            (3, Access::ReadWrite),
        ],
        f16: false,
        subgroups: false,
    }
}

/// Records `q[t] = x[t]` in int8 for the tokens of the batch.
///
/// # Shapes
/// `step`: the step buffer; `x`: `[n_token, width]`; `q`: `[n_token, width / 32]` of [`QuantizedBlock`].
///
/// # Panics
/// If a row is no whole number of blocks.
pub fn quantize(rec: &mut Recorder<'_>, width: u32, step: &Binding, x: &Binding, q: &Binding) {
    assert!(width.is_multiple_of(BLOCK), "rows are whole blocks");
    let shader = quantize_shader(rec.device().caps());
    let params = Params {
        n_block: width / BLOCK,
    };
    let grid = Grid::Tokens {
        per_token: params.n_block,
        per_group: shader.consts[0].1,
        y: 1,
    };
    rec.dispatch(
        &shader,
        &params,
        &[step.clone(), x.clone(), q.clone()],
        grid,
    );
}
