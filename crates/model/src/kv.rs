//! Paged KV: a pool of pages per layer, and the block table that says which page holds which positions.
//!
//! A page holds [`PAGE`] positions of one layer: `[n_head_kv, PAGE, head_dim]`, K and V apart. Page `p` is the same
//! index in every layer, so one table serves all. Each layer has buffers of its own, which keeps any model's cache
//! under the binding limit; sharing pages between sequences is a matter of the table alone.

use ggweb_gpu::ops::KvType;
use ggweb_gpu::{Binding, BufferUse, Device};

use crate::hparams::Hparams;

/// Positions per page.
pub const PAGE: u32 = 32;

/// Size and types of the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KvOptions {
    /// Positions that the cache holds.
    pub n_ctx: u32,
    /// Type of K.
    pub k: KvType,
    /// Type of V.
    pub v: KvType,
}

impl KvOptions {
    /// Pages per layer.
    #[must_use]
    pub fn n_page(&self) -> u32 {
        self.n_ctx.div_ceil(PAGE)
    }

    /// Bytes of one layer's K and V.
    #[must_use]
    pub fn layer_bytes(&self, hparams: &Hparams) -> (u64, u64) {
        let numbers = u64::from(self.n_page() * PAGE)
            * u64::from(hparams.n_head_kv)
            * u64::from(hparams.head_dim);
        (numbers * self.k.bytes(), numbers * self.v.bytes())
    }
}

/// The pool of pages and the table of one sequence.
#[derive(Debug)]
pub struct Kv {
    /// Types and size.
    pub options: KvOptions,
    /// K and V pages per layer, `[n_page, n_head_kv, PAGE, head_dim]` each.
    pub layers: Vec<(Binding, Binding)>,
    block_table: Vec<u32>,
}

impl Kv {
    /// Allocates all pages; call it inside [`Device::guarded`].
    #[must_use]
    pub fn allocate(device: &Device, hparams: &Hparams, options: KvOptions) -> Self {
        let (k_bytes, v_bytes) = options.layer_bytes(hparams);
        let layers = (0..hparams.n_layer)
            .map(|_| {
                let k = device
                    .buffer("k_pages", k_bytes, BufferUse::Storage)
                    .whole();
                let v = device
                    .buffer("v_pages", v_bytes, BufferUse::Storage)
                    .whole();
                (k, v)
            })
            .collect();
        Self {
            options,
            layers,
            block_table: (0..options.n_page()).collect(),
        }
    }

    /// Which page holds positions `i * PAGE ..`, for every `i`.
    #[must_use]
    pub fn block_table(&self) -> &[u32] {
        &self.block_table
    }

    /// Gives the sequence its pages in another order. What the cache held is lost to it.
    ///
    /// # Panics
    /// If `pages` is not a permutation of all pages.
    pub fn set_block_table(&mut self, pages: &[u32]) {
        let mut sorted = pages.to_vec();
        sorted.sort_unstable();
        let all: Vec<u32> = (0..self.options.n_page()).collect();
        assert_eq!(sorted, all, "a block table names every page once");
        self.block_table = pages.to_vec();
    }
}
