use super::half_at;

/// `y = d * scale * (q - 32)`; a signed scale for each 16 weights; nibbles of q and pairs of bits apart.
///
/// # Source
/// ggml's `block_q6_K` and `dequantize_row_q6_K`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for (block, y) in bytes.chunks_exact(210).zip(y.chunks_exact_mut(256)) {
        let (low, high, scales) = (&block[..128], &block[128..192], &block[192..208]);
        let d = half_at(block, 208);
        for i in 0..256 {
            let (half, j) = (i / 128, i / 32 % 4);
            let nibble = low[half * 64 + j % 2 * 32 + i % 32] >> (4 * (j / 2)) & 15;
            let q = nibble | (high[half * 32 + i % 32] >> (2 * j) & 3) << 4;
            y[i] = d * f32::from(scales[i / 16].cast_signed()) * (f32::from(q) - 32.0);
        }
    }
}
