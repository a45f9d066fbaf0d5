//! The paged cache that `rope_kv` writes and `attention` reads.

use ggweb_gpu::Binding;
use ggweb_gpu::ops::KvType;
use ggweb_reference::ops::KvStorage;
use ggweb_tests::gpu::Rig;
use half::f16;

/// Types of K and V.
pub(crate) const TYPES: [(KvType, KvType); 4] = [
    (KvType::F32, KvType::F32),
    (KvType::F16, KvType::F16),
    (KvType::F16, KvType::F32),
    (KvType::F32, KvType::F16),
];

/// Physical pages in no order; page 2 belongs to nobody.
pub(crate) const BLOCK_TABLE: [u32; 5] = [3, 0, 5, 1, 4];
pub(crate) const N_PAGE: usize = 6;
pub(crate) const PAGE: usize = 16;
pub(crate) const N_CTX: usize = BLOCK_TABLE.len() * PAGE;

/// The twin's name of a type.
pub(crate) fn storage(kv_type: KvType) -> KvStorage {
    match kv_type {
        KvType::F16 => KvStorage::F16,
        KvType::F32 => KvStorage::F32,
    }
}

/// Pages that hold `values`.
pub(crate) fn pages(rig: &Rig, kv_type: KvType, values: &[f32]) -> Binding {
    match kv_type {
        KvType::F32 => rig.storage(values),
        KvType::F16 => rig.storage(&values.iter().map(|&x| f16::from_f32(x)).collect::<Vec<_>>()),
    }
}

/// What pages hold.
pub(crate) fn read_pages(rig: &Rig, kv_type: KvType, pages: &Binding, n: usize) -> Vec<f32> {
    match kv_type {
        KvType::F32 => rig.read(pages, n),
        KvType::F16 => rig
            .read::<f16>(pages, n)
            .into_iter()
            .map(f16::to_f32)
            .collect(),
    }
}
