//! `attention_merge`: joins what the splits of `attention` left.

use super::AttentionShape;
use crate::buffer::Binding;
use crate::caps::Caps;
use crate::plan::{Grid, Recorder};
use crate::shader::{Access, Shader};
use crate::tuning::Attention;

#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Params {
    n_head: u32,
    out_stride: u32,
}

/// The shader for one head width and parameter set.
#[must_use]
pub fn attention_merge_shader(caps: &Caps, shape: &AttentionShape, tuning: &Attention) -> Shader {
    let (lanes, _) = caps.row_reduce();
    Shader {
        name: "attention_merge",
        parts: vec!["attention_merge", "attention/split"],
        consts: vec![
            ("WORKGROUP_SIZE", lanes.min(64)),
            ("HEAD_DIM", shape.head_dim),
            ("SPLITS", tuning.splits),
            ("SPLIT_MIN", tuning.split_min),
        ],
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

/// Records the merge.
///
/// # Shapes
/// `partial`: `[n_token, n_head, splits, head_dim + 4]`; `out`: `[n_token, out_stride]`.
pub fn attention_merge(
    rec: &mut Recorder<'_>,
    shape: &AttentionShape,
    tuning: &Attention,
    step: &Binding,
    partial: &Binding,
    out: &Binding,
) {
    let shader = attention_merge_shader(rec.device().caps(), shape, tuning);
    let params = Params {
        n_head: shape.n_head,
        out_stride: shape.out_stride / 4,
    };
    let grid = Grid::Tokens {
        per_token: shape.n_head,
        per_group: 1,
        y: 1,
    };
    rec.dispatch(
        &shader,
        &params,
        &[step.clone(), partial.clone(), out.clone()],
        grid,
    );
}
