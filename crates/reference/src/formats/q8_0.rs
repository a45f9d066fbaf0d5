use super::half_at;

/// `y = d * q`, signed bytes.
///
/// # Source
/// ggml's `block_q8_0` and `dequantize_row_q8_0`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for (block, y) in bytes.chunks_exact(34).zip(y.chunks_exact_mut(32)) {
        let d = half_at(block, 0);
        for i in 0..32 {
            y[i] = d * f32::from(block[2 + i].cast_signed());
        }
    }
}
