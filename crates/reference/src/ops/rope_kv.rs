use crate::ops::{KvLayout, KvStorage, kv_write, rope};

/// What `rope_kv` is told beside its buffers.
#[derive(Debug, Clone, Copy)]
pub struct RopeKv {
    /// Query heads.
    pub n_head: usize,
    /// Widths of a head that rotate.
    pub n_rot: usize,
    /// Where rows lie in the cache; its heads are the key/value heads.
    pub layout: KvLayout,
    /// How keys are kept.
    pub k_storage: KvStorage,
    /// How values are kept.
    pub v_storage: KvStorage,
}

/// [`rope`] of q in place, and of k on its way into the cache; v goes there as it is.
///
/// # Shapes
/// `table` `[n_ctx, n_rot / 2, 2]`, `pos` `[n_token]`, `qkv` `[n_token, n_head + 2 * n_head_kv, head_dim]`,
/// of which only q changes; the pools as [`KvLayout`] says.
pub fn rope_kv(
    params: &RopeKv,
    pos: &[u32],
    block_table: &[u32],
    table: &[f32],
    qkv: &mut [f32],
    k_pool: &mut [f32],
    v_pool: &mut [f32],
) {
    let RopeKv {
        n_head,
        n_rot,
        layout,
        k_storage,
        v_storage,
    } = params;
    let head_dim = layout.head_dim;
    let n_q = n_head * head_dim;
    let n_kv = layout.n_head_kv * head_dim;
    for (pos, row) in pos.iter().zip(qkv.chunks_exact_mut(n_q + 2 * n_kv)) {
        let (q, kv) = row.split_at_mut(n_q);
        let (k, v) = kv.split_at(n_kv);
        let mut k = k.to_vec();
        rope(table, &[*pos], *n_head, head_dim, *n_rot, q);
        rope(table, &[*pos], layout.n_head_kv, head_dim, *n_rot, &mut k);
        kv_write(&k, &[*pos], block_table, layout, *k_storage, k_pool);
        kv_write(v, &[*pos], block_table, layout, *v_storage, v_pool);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q_rotates_in_place_and_k_and_v_go_to_their_page() {
        let params = RopeKv {
            n_head: 1,
            n_rot: 2,
            layout: KvLayout {
                page_size: 1,
                n_head_kv: 1,
                head_dim: 2,
            },
            k_storage: KvStorage::F32,
            v_storage: KvStorage::F16,
        };
        // Position 0 stays, position 1 turns by a quarter.
        let table = [1.0, 0.0, 0.0, 1.0];
        let mut qkv = [1.0, 2.0, 3.0, 4.0, 2049.0, 6.0];
        let (mut k, mut v) = ([0.0; 4], [0.0; 4]);
        rope_kv(&params, &[1], &[9, 1], &table, &mut qkv, &mut k, &mut v);
        assert_eq!(qkv, [-2.0, 1.0, 3.0, 4.0, 2049.0, 6.0]);
        assert_eq!(k, [0.0, 0.0, -4.0, 3.0]);
        assert_eq!(v, [0.0, 0.0, 2048.0, 6.0]);
    }
}
