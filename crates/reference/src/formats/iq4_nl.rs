use ggweb_gguf::IQ4_VALUES;

use super::half_at;

/// `y = d * value(q)`; nibbles as in `Q4_0`, values from a table.
///
/// # Source
/// ggml's `block_iq4_nl` and `dequantize_row_iq4_nl`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for (block, y) in bytes.chunks_exact(18).zip(y.chunks_exact_mut(32)) {
        let d = half_at(block, 0);
        for i in 0..16 {
            y[i] = d * f32::from(IQ4_VALUES[usize::from(block[2 + i] & 15)]);
            y[16 + i] = d * f32::from(IQ4_VALUES[usize::from(block[2 + i] >> 4)]);
        }
    }
}
