//! `rms_norm`: each row divided by its root mean square.

use crate::buffer::Binding;
use crate::caps::Caps;
use crate::plan::{Grid, Recorder};
use crate::shader::{Access, Shader};
use crate::tuning::Reduce;

#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Params {
    n_embd: u32,
    y_stride: u32,
    eps: f32,
    from_logits_row: u32,
}

/// Shape and constants of a norm.
#[derive(Debug, Clone, Copy)]
pub struct RmsNorm {
    /// Width of a row.
    pub n_embd: u32,
    /// Numbers from row to row of `y`; a multiple of 4.
    pub y_stride: u32,
    /// Added to the mean square.
    pub eps: f32,
    /// Which rows.
    pub rows: NormRows,
}

/// Rows of `x` that a norm takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NormRows {
    /// One for each token of the batch.
    Batch,
    /// Row `step.logits_row` alone, as row 0 of `y`.
    LogitsRow,
    /// As many as the batch has tokens, from row `step.logits_row` on, as the first rows of `y`.
    FromLogitsRow,
}

/// The shader.
#[must_use]
pub fn rms_norm_shader(caps: &Caps) -> Shader {
    let (lanes, reduce) = caps.row_reduce();
    let subgroups = reduce == Reduce::Subgroup;
    let reduce = if subgroups {
        "common/reduce_subgroup"
    } else {
        "common/reduce_workgroup"
    };
    Shader {
        name: "rms_norm",
        parts: vec!["rms_norm", reduce],
        consts: vec![("WORKGROUP_SIZE", lanes)],
        bindings: vec![
            (0, Access::Uniform),
            (1, Access::Uniform),
            (2, Access::Read),
            (3, Access::Read),
            (4, Access::ReadWrite),
        ],
        f16: false,
        subgroups,
    }
}

/// Records `y[t] = x[t] / rms(x[t]) * weight`.
///
/// # Shapes
/// `step`: the step buffer; `x`: `[n_token, n_embd]`; `weight`: `[n_embd]`; `y`: `[n_token, y_stride]`.
///
/// # Panics
/// If a row is no multiple of 4 wide.
pub fn rms_norm(
    rec: &mut Recorder<'_>,
    norm: RmsNorm,
    step: &Binding,
    x: &Binding,
    weight: &Binding,
    y: &Binding,
) {
    assert!(
        norm.n_embd.is_multiple_of(4) && norm.y_stride.is_multiple_of(4),
        "rows are whole groups of four"
    );
    let shader = rms_norm_shader(rec.device().caps());
    let params = Params {
        n_embd: norm.n_embd,
        y_stride: norm.y_stride / 4,
        eps: norm.eps,
        from_logits_row: u32::from(norm.rows != NormRows::Batch),
    };
    let grid = match norm.rows {
        NormRows::LogitsRow => Grid::Linear(1),
        NormRows::Batch | NormRows::FromLogitsRow => Grid::Tokens {
            per_token: 1,
            per_group: 1,
            y: 1,
        },
    };
    rec.dispatch(
        &shader,
        &params,
        &[step.clone(), x.clone(), weight.clone(), y.clone()],
        grid,
    );
}
