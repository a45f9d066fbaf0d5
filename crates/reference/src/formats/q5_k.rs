use super::{half_at, q4_k::scale_min};

/// `y = d * scale * q - dmin * min`; scales and mins as in `Q4_K`, the fifth bits of q apart.
///
/// # Source
/// ggml's `block_q5_K` and `dequantize_row_q5_K`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for (block, y) in bytes.chunks_exact(176).zip(y.chunks_exact_mut(256)) {
        let (d, dmin) = (half_at(block, 0), half_at(block, 2));
        let (scales, high, quants) = (&block[4..16], &block[16..48], &block[48..]);
        for i in 0..256 {
            let (scale, min) = scale_min(scales, i / 32);
            let low = quants[i / 64 * 32 + i % 32] >> (4 * (i / 32 % 2)) & 15;
            let q = low | (high[i % 32] >> (i / 32) & 1) << 4;
            y[i] = d * scale * f32::from(q) - dmin * min;
        }
    }
}
