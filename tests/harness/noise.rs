//! Numbers that look random and are the same on every run.

use ggweb_gguf::GgmlType;
use ggweb_reference::formats::row_bytes;
use half::f16;

/// Words of a counter's hash.
pub fn words(seed: u32) -> impl Iterator<Item = u32> {
    // The finalizer of MurmurHash3: every bit of the counter reaches every bit of the result.
    (seed << 20..).map(|i| {
        let i = (i ^ i >> 16).wrapping_mul(0x85eb_ca6b);
        let i = (i ^ i >> 13).wrapping_mul(0xc2b2_ae35);
        i ^ i >> 16
    })
}

/// `n` values in -1..1.
#[must_use]
pub fn f32s(seed: u32, n: usize) -> Vec<f32> {
    #[expect(clippy::cast_precision_loss, reason = "24 bits fit")]
    let unit = |word: u32| (word >> 8) as f32 / (1 << 23) as f32 - 1.0;
    words(seed).take(n).map(unit).collect()
}

/// The bytes of rows of a type, their values in about -1..1.
///
/// # Panics
/// If the type has no kernels.
#[must_use]
pub fn rows(seed: u32, ggml_type: GgmlType, n_row: usize, n_in: usize) -> Vec<u8> {
    let n_weight = n_row * n_in;
    let half = |x: f32| f16::from_f32(x).to_le_bytes();
    match ggml_type {
        GgmlType::F32 => f32s(seed, n_weight)
            .into_iter()
            .flat_map(f32::to_le_bytes)
            .collect(),
        GgmlType::F16 => f32s(seed, n_weight).into_iter().flat_map(half).collect(),
        GgmlType::Q8_0 | GgmlType::Q4_0 => {
            let range = if ggml_type == GgmlType::Q8_0 {
                128.0
            } else {
                8.0
            };
            let mut bytes: Vec<u8> = words(seed)
                .take(n_row * row_bytes(ggml_type, n_in))
                .map(|word| word.to_le_bytes()[0])
                .collect();
            let n_block = bytes.len() / ggml_type.block_bytes();
            let scales = f32s(seed + 1, n_block);
            for (block, scale) in bytes.chunks_exact_mut(ggml_type.block_bytes()).zip(scales) {
                block[..2].copy_from_slice(&half(scale / range));
            }
            bytes
        }
        other => panic!("{} has no kernels", other.name()),
    }
}
