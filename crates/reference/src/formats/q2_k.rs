use super::half_at;

/// `y = d * scale * q - dmin * min`; a scale and a min, nibbles of a byte, for each 16 weights.
///
/// # Source
/// ggml's `block_q2_K` and `dequantize_row_q2_K`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for (block, y) in bytes.chunks_exact(84).zip(y.chunks_exact_mut(256)) {
        let (scales, quants) = (&block[..16], &block[16..80]);
        let (d, dmin) = (half_at(block, 80), half_at(block, 82));
        for i in 0..256 {
            let scale = scales[i / 16];
            let q = quants[i / 128 * 32 + i % 32] >> (2 * (i / 32 % 4)) & 3;
            let (dl, ml) = (d * f32::from(scale & 15), dmin * f32::from(scale >> 4));
            y[i] = dl * f32::from(q) - ml;
        }
    }
}
