use super::u16_at;

/// Reads a row of little-endian bfloat16: the upper halves of f32.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for i in 0..y.len() {
        y[i] = f32::from_bits(u32::from(u16_at(bytes, 2 * i)) << 16);
    }
}
