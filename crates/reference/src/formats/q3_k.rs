use super::half_at;

/// `y = d * (scale - 32) * (q - 4)`; the third bits of q lie apart, and so do the upper bits of the 16 scales of 6 bits.
///
/// # Source
/// ggml's `block_q3_K` and `dequantize_row_q3_K`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for (block, y) in bytes.chunks_exact(110).zip(y.chunks_exact_mut(256)) {
        let (high, quants, scales) = (&block[..32], &block[32..96], &block[96..108]);
        let d = half_at(block, 108);
        for i in 0..256 {
            let s = i / 16;
            let scale =
                scales[s % 8] >> (4 * (s / 8)) & 15 | (scales[8 + s % 4] >> (2 * (s / 4)) & 3) << 4;
            let low = quants[i / 128 * 32 + i % 32] >> (2 * (i / 32 % 4)) & 3;
            let q = low | (high[i % 32] >> (i / 32) & 1) << 2;
            y[i] = d * (f32::from(scale) - 32.0) * (f32::from(q) - 4.0);
        }
    }
}
