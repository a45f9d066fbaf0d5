use super::half_at;

/// Reads a row of little-endian f16.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for i in 0..y.len() {
        y[i] = half_at(bytes, 2 * i);
    }
}
