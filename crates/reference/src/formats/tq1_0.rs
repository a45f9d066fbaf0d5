use super::half_at;

/// `y = d * (q - 1)`; a byte is a fraction of 256 whose first five digits in base 3 are five weights: of 32 bytes, then
/// of 16; 4 more bytes hold four each.
///
/// # Source
/// ggml's `block_tq1_0` and `dequantize_row_tq1_0`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for (block, y) in bytes.chunks_exact(54).zip(y.chunks_exact_mut(256)) {
        let d = half_at(block, 52);
        for i in 0..256 {
            let (byte, digit) = match i {
                0..160 => (block[i % 32], i / 32),
                160..240 => (block[32 + (i - 160) % 16], (i - 160) / 16),
                _ => (block[48 + (i - 240) % 4], (i - 240) / 4),
            };
            let fraction = byte.wrapping_mul([1, 3, 9, 27, 81][digit]);
            let q = (u16::from(fraction) * 3) >> 8;
            y[i] = d * (f32::from(q) - 1.0);
        }
    }
}
