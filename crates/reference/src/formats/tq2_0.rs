use super::half_at;

/// `y = d * (q - 1)`; two bits each.
///
/// # Source
/// ggml's `block_tq2_0` and `dequantize_row_tq2_0`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for (block, y) in bytes.chunks_exact(66).zip(y.chunks_exact_mut(256)) {
        let d = half_at(block, 64);
        for i in 0..256 {
            let q = block[i / 128 * 32 + i % 32] >> (2 * (i / 32 % 4)) & 3;
            y[i] = d * (f32::from(q) - 1.0);
        }
    }
}
