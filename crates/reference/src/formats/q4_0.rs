use super::half_at;

/// `y = d * (q - 8)`; low nibbles are the weights 0..16 of a block, high nibbles 16..32.
///
/// # Source
/// ggml's `block_q4_0` and `dequantize_row_q4_0`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for (block, y) in bytes.chunks_exact(18).zip(y.chunks_exact_mut(32)) {
        let d = half_at(block, 0);
        for i in 0..16 {
            y[i] = d * (f32::from(block[2 + i] & 15) - 8.0);
            y[16 + i] = d * (f32::from(block[2 + i] >> 4) - 8.0);
        }
    }
}
