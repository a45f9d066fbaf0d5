use ggweb_gguf::IQ4_VALUES;

use super::{half_at, u16_at};

/// `y = d * (scale - 32) * value(q)`; a scale for each 32 weights, its upper 2 bits apart from the lower 4; nibbles
/// and values as in `IQ4_NL`.
///
/// # Source
/// ggml's `block_iq4_xs` and `dequantize_row_iq4_xs`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for (block, y) in bytes.chunks_exact(136).zip(y.chunks_exact_mut(256)) {
        let d = half_at(block, 0);
        let high = u16_at(block, 2);
        for j in 0..8 {
            let low = block[4 + j / 2] >> (4 * (j % 2)) & 15;
            let scale = u16::from(low) | (high >> (2 * j) & 3) << 4;
            let dl = d * (f32::from(scale) - 32.0);
            for i in 0..16 {
                let byte = block[8 + 16 * j + i];
                y[32 * j + i] = dl * f32::from(IQ4_VALUES[usize::from(byte & 15)]);
                y[32 * j + 16 + i] = dl * f32::from(IQ4_VALUES[usize::from(byte >> 4)]);
            }
        }
    }
}
