use super::half_at;

/// `y = d * scale * q - dmin * min`; a scale and a min of 6 bits for each 32 weights.
///
/// # Source
/// ggml's `block_q4_K` and `dequantize_row_q4_K`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for (block, y) in bytes.chunks_exact(144).zip(y.chunks_exact_mut(256)) {
        let (d, dmin) = (half_at(block, 0), half_at(block, 2));
        let (scales, quants) = (&block[4..16], &block[16..]);
        for i in 0..256 {
            let (scale, min) = scale_min(scales, i / 32);
            let q = quants[i / 64 * 32 + i % 32] >> (4 * (i / 32 % 2)) & 15;
            y[i] = d * scale * f32::from(q) - dmin * min;
        }
    }
}

/// Scale and min of the 32 weights `j` of a block: 6 bits each, the first four in the low bits of 8 bytes, the others
/// in 4 bytes of nibbles and the high bits that are left.
pub(super) fn scale_min(scales: &[u8], j: usize) -> (f32, f32) {
    let (scale, min) = if j < 4 {
        (scales[j] & 63, scales[j + 4] & 63)
    } else {
        (
            scales[j + 4] & 15 | scales[j - 4] >> 6 << 4,
            scales[j + 4] >> 4 | scales[j] >> 6 << 4,
        )
    };
    (f32::from(scale), f32::from(min))
}
