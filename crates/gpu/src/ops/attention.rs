//! `attention`: flash attention over paged K and V.

use super::KvType;
use crate::buffer::Binding;
use crate::caps::Caps;
use crate::plan::{Grid, Recorder};
use crate::shader::{Access, Shader};
use crate::tuning::{Attention, Reduce};

#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Params {
    n_head: u32,
    n_head_kv: u32,
    q_stride: u32,
    out_stride: u32,
    scale: f32,
}

/// Query rows per team.
const ROWS: u32 = 4;

/// Shape and constants of attention.
#[derive(Debug, Clone, Copy)]
pub struct AttentionShape {
    /// Query heads.
    pub n_head: u32,
    /// Key/value heads.
    pub n_head_kv: u32,
    /// Width of a head; a multiple of 8.
    pub head_dim: u32,
    /// Numbers from token to token of q; a multiple of 4.
    pub q_stride: u32,
    /// Numbers from token to token of the result; a multiple of 4.
    pub out_stride: u32,
    /// What q . k is multiplied by.
    pub scale: f32,
    /// Positions per page.
    pub page: u32,
    /// Types of the K and V pages.
    pub types: (KvType, KvType),
}

/// The shader for one head width, pair of cache types and parameter set.
#[must_use]
pub fn attention_shader(caps: &Caps, shape: &AttentionShape, tuning: &Attention) -> Shader {
    let load = |k: bool, kv_type| match (k, kv_type, caps.reads_f16()) {
        (true, KvType::F16, false) => "kv/k_load_f16",
        (true, KvType::F16, true) => "kv/k_load_f16_native",
        (true, KvType::F32, _) => "kv/k_load_f32",
        (false, KvType::F16, false) => "kv/v_load_f16",
        (false, KvType::F16, true) => "kv/v_load_f16_native",
        (false, KvType::F32, _) => "kv/v_load_f32",
    };
    let reduce = match tuning.reduce {
        Reduce::None => "attention/reduce_none",
        Reduce::Subgroup => "attention/reduce_subgroup",
        Reduce::Workgroup => "attention/reduce_workgroup",
    };
    Shader {
        name: "attention",
        parts: vec![
            "attention",
            "attention/rows",
            "attention/split",
            reduce,
            load(true, shape.types.0),
            load(false, shape.types.1),
        ],
        consts: vec![
            ("WORKGROUP_SIZE", tuning.lanes_d * tuning.teams),
            ("HEAD_DIM", shape.head_dim),
            ("PAGE", shape.page),
            ("LANES_D", tuning.lanes_d),
            ("TEAMS", tuning.teams),
            ("SPLITS", tuning.splits),
            ("SPLIT_MIN", tuning.split_min),
        ],
        bindings: vec![
            (0, Access::Uniform),
            (1, Access::Uniform),
            (2, Access::Read),
            (3, Access::Read),
            (4, Access::Read),
            (5, Access::Read),
            (6, Access::ReadWrite),
        ],
        f16: caps.reads_f16() && (shape.types.0 == KvType::F16 || shape.types.1 == KvType::F16),
        subgroups: tuning.reduce == Reduce::Subgroup,
    }
}

/// Bytes that the splits of one token leave for [`super::attention_merge`].
#[must_use]
pub fn partial_bytes(shape: &AttentionShape, tuning: &Attention) -> u64 {
    u64::from(shape.n_head) * u64::from(tuning.splits) * (u64::from(shape.head_dim) + 4) * 4
}

/// Records attention; with `tuning.splits` above 1 `out` takes the partials.
///
/// # Shapes
/// `bindings`: step, block table `[n_ctx / page]`, q `[n_token, q_stride]`, K and V pages
/// `[n_page, n_head_kv, page, head_dim]`, out `[n_token, out_stride]` or `[n_token, n_head, splits, head_dim + 4]`.
///
/// # Panics
/// If the head is no multiple of 8 or the KV heads do not divide the query heads.
pub fn attention(
    rec: &mut Recorder<'_>,
    shape: &AttentionShape,
    tuning: &Attention,
    bindings: &[Binding; 6],
) {
    assert!(
        shape.head_dim.is_multiple_of(8),
        "heads are read in chunks of eight"
    );
    assert!(
        shape.n_head.is_multiple_of(shape.n_head_kv),
        "KV heads serve equal groups of query heads"
    );
    let shader = attention_shader(rec.device().caps(), shape, tuning);
    let params = Params {
        n_head: shape.n_head,
        n_head_kv: shape.n_head_kv,
        q_stride: shape.q_stride / 4,
        out_stride: shape.out_stride / 4,
        scale: shape.scale,
    };
    let gqa = shape.n_head / shape.n_head_kv;
    // Row blocks times splits, in units of one row: a block of `rows` rows is rounded up by the grid.
    let grid = if tuning.splits == 1 {
        Grid::Tokens {
            per_token: gqa,
            per_group: ROWS * tuning.teams,
            y: shape.n_head_kv,
        }
    } else {
        let per_token = gqa.div_ceil(ROWS) * tuning.splits;
        Grid::Tokens {
            per_token,
            per_group: tuning.teams,
            y: shape.n_head_kv,
        }
    };
    rec.dispatch(&shader, &params, bindings, grid);
}
