//! `rope_kv`: q is rotated in place, k on its way into its page; v goes into its page.

use super::KvType;
use crate::buffer::Binding;
use crate::caps::Caps;
use crate::plan::{Grid, Recorder};
use crate::shader::{Access, Shader};
use crate::tuning::ELEMENTWISE_LANES;

#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Params {
    n_head: u32,
    n_head_kv: u32,
    head_dim: u32,
    n_rot: u32,
}

/// Shape and operands of `rope_kv`.
#[derive(Debug, Clone, Copy)]
pub struct RopeKv<'a> {
    /// Query heads.
    pub n_head: u32,
    /// Key/value heads.
    pub n_head_kv: u32,
    /// Width of a head.
    pub head_dim: u32,
    /// How much of a head is rotated.
    pub n_rot: u32,
    /// Positions per page.
    pub page: u32,
    /// Types of the K and V pages.
    pub types: (KvType, KvType),
    /// The step buffer.
    pub step: &'a Binding,
    /// `[n_ctx / page]`.
    pub block_table: &'a Binding,
    /// `[n_ctx, n_rot / 2]` of (cos, sin).
    pub rope: &'a Binding,
    /// `[n_token, (n_head + 2 n_head_kv) head_dim]`.
    pub qkv: &'a Binding,
    /// `[n_page, n_head_kv, page, head_dim]`.
    pub k_pages: &'a Binding,
    /// `[n_page, n_head_kv, page, head_dim]`.
    pub v_pages: &'a Binding,
}

/// The shader for one pair of cache types.
#[must_use]
pub fn rope_kv_shader(_caps: &Caps, types: (KvType, KvType), page: u32) -> Shader {
    let k = match types.0 {
        KvType::F16 => "kv/k_store_f16",
        KvType::F32 => "kv/k_store_f32",
    };
    let v = match types.1 {
        KvType::F16 => "kv/v_store_f16",
        KvType::F32 => "kv/v_store_f32",
    };
    Shader {
        name: "rope_kv",
        parts: vec!["rope_kv", k, v],
        consts: vec![("WORKGROUP_SIZE", ELEMENTWISE_LANES), ("PAGE", page)],
        bindings: vec![
            (0, Access::Uniform),
            (1, Access::Uniform),
            (2, Access::Read),
            (3, Access::Read),
            (4, Access::ReadWrite),
            (5, Access::ReadWrite),
            (6, Access::ReadWrite),
        ],
        f16: false,
        subgroups: false,
    }
}

/// Records the rotation and the cache write.
///
/// # Shapes
/// As [`RopeKv`] says.
///
/// # Panics
/// If a head or its rotated part is no even number wide.
pub fn rope_kv(rec: &mut Recorder<'_>, op: &RopeKv<'_>) {
    assert!(
        op.head_dim.is_multiple_of(2) && op.n_rot.is_multiple_of(2),
        "heads are rotated in pairs"
    );
    let shader = rope_kv_shader(rec.device().caps(), op.types, op.page);
    let params = Params {
        n_head: op.n_head,
        n_head_kv: op.n_head_kv,
        head_dim: op.head_dim,
        n_rot: op.n_rot,
    };
    let bindings = [
        op.step,
        op.block_table,
        op.rope,
        op.qkv,
        op.k_pages,
        op.v_pages,
    ]
    .map(Clone::clone);
    let per_token = (op.n_head + 2 * op.n_head_kv) * op.head_dim / 2;
    rec.dispatch(
        &shader,
        &params,
        &bindings,
        Grid::Tokens {
            per_token,
            per_group: ELEMENTWISE_LANES,
            y: 1,
        },
    );
}
