use half::f16;

/// Where the rows of one layer's paged cache lie: one pool for K, one of the same shape for V.
///
/// # Shapes
/// A pool is `[n_page, n_head_kv, page_size, head_dim]`, a block table `[n_logical_page]`:
/// position `pos` of a sequence lies in page `block_table[pos / page_size]` at row `pos % page_size`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KvLayout {
    /// Positions in a page.
    pub page_size: usize,
    /// Key/value heads.
    pub n_head_kv: usize,
    /// Width of one head.
    pub head_dim: usize,
}

impl KvLayout {
    /// Index of the first element of one head's row.
    #[must_use]
    pub fn row(&self, block_table: &[u32], pos: usize, head: usize) -> usize {
        let page = block_table[pos / self.page_size] as usize;
        ((page * self.n_head_kv + head) * self.page_size + pos % self.page_size) * self.head_dim
    }
}

/// How an element is kept in the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KvStorage {
    /// As it is.
    F32,
    /// Rounded to the nearest f16, ties to even.
    F16,
}

impl KvStorage {
    /// The value that is read back after `x` was stored.
    #[must_use]
    pub fn round(self, x: f32) -> f32 {
        match self {
            Self::F32 => x,
            Self::F16 => f16::from_f32(x).to_f32(),
        }
    }
}

/// Writes the K (or V) rows of a batch to their places in the paged pool.
///
/// # Shapes
/// `x` `[n_token, n_head_kv, head_dim]`, `pos` `[n_token]`; the pool as [`KvLayout`] says.
pub fn kv_write(
    x: &[f32],
    pos: &[u32],
    block_table: &[u32],
    layout: &KvLayout,
    storage: KvStorage,
    pool: &mut [f32],
) {
    for (t, pos) in pos.iter().enumerate() {
        for h in 0..layout.n_head_kv {
            let row = layout.row(block_table, *pos as usize, h);
            for i in 0..layout.head_dim {
                pool[row + i] = storage.round(x[(t * layout.n_head_kv + h) * layout.head_dim + i]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_lands_in_its_page() {
        let layout = KvLayout {
            page_size: 2,
            n_head_kv: 2,
            head_dim: 1,
        };
        let mut pool = [0.0; 8];
        // Position 3 is row 1 of logical page 1, which is physical page 0.
        kv_write(
            &[5.0, 6.0],
            &[3],
            &[1, 0],
            &layout,
            KvStorage::F32,
            &mut pool,
        );
        assert_eq!(pool, [0.0, 5.0, 0.0, 6.0, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn f16_storage_rounds_to_even() {
        assert_eq!(KvStorage::F16.round(2049.0), 2048.0);
        assert_eq!(KvStorage::F16.round(2051.0), 2052.0);
        assert_eq!(KvStorage::F32.round(2049.0), 2049.0);
    }
}
