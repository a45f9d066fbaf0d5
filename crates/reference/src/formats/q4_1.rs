use super::half_at;

/// `y = d * q + m`; low nibbles are the weights 0..16 of a block, high nibbles 16..32.
///
/// # Source
/// ggml's `block_q4_1` and `dequantize_row_q4_1`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for (block, y) in bytes.chunks_exact(20).zip(y.chunks_exact_mut(32)) {
        let (d, m) = (half_at(block, 0), half_at(block, 2));
        for i in 0..16 {
            y[i] = d * f32::from(block[4 + i] & 15) + m;
            y[16 + i] = d * f32::from(block[4 + i] >> 4) + m;
        }
    }
}
