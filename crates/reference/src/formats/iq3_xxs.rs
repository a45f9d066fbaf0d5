use ggweb_gguf::Grid;

use super::{half_at, iq2_xxs::sign, u32_at};

/// `y = d * (scale + 1/2) / 2 * grid * sign`; for each 32 weights eight indices of 4 weights, and apart four times seven
/// signs and a scale of 4 bits.
///
/// # Source
/// ggml's `block_iq3_xxs` and `dequantize_row_iq3_xxs`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    let grid = Grid::IQ3_XXS.bytes();
    for (block, y) in bytes.chunks_exact(98).zip(y.chunks_exact_mut(256)) {
        let d = half_at(block, 0);
        for i in 0..256 {
            let (j, k) = (i / 32, i / 8 % 4);
            let entry = usize::from(block[2 + i / 4]);
            let word = u32_at(block, 66 + 4 * j);
            let db = d * (0.5 + (word >> 28) as f32) * 0.5;
            y[i] = db * f32::from(grid[4 * entry + i % 4]) * sign(word >> (7 * k), i as u32 % 8);
        }
    }
}
