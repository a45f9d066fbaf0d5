use super::half_at;

/// `y = d` for a set bit and `-d` for the others.
///
/// # Source
/// ggml's `block_q1_0` and `dequantize_row_q1_0`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for (block, y) in bytes.chunks_exact(18).zip(y.chunks_exact_mut(128)) {
        let d = half_at(block, 0);
        for i in 0..128 {
            let q = block[2 + i / 8] >> (i % 8) & 1;
            y[i] = d * (2.0 * f32::from(q) - 1.0);
        }
    }
}
