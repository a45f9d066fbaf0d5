use super::u32_at;

/// Reads a row of little-endian f32.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for i in 0..y.len() {
        y[i] = f32::from_bits(u32_at(bytes, 4 * i));
    }
}
