use super::half_at;

/// `y = d * (q - 1)`; four weights to a byte.
///
/// # Source
/// ggml's `block_q2_0` and `dequantize_row_q2_0`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for (block, y) in bytes.chunks_exact(18).zip(y.chunks_exact_mut(64)) {
        let d = half_at(block, 0);
        for i in 0..64 {
            let q = block[2 + i / 4] >> (2 * (i % 4)) & 3;
            y[i] = d * (f32::from(q) - 1.0);
        }
    }
}
