use ggweb_gguf::Grid;

use super::{half_at, u32_at};

/// `y = d * (scale + 1/2) / 4 * grid * sign`; for each 32 weights four indices of 8 weights, four times seven signs and
/// a scale of 4 bits.
///
/// # Source
/// ggml's `block_iq2_xxs` and `dequantize_row_iq2_xxs`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    let grid = Grid::IQ2_XXS.bytes();
    for (block, y) in bytes.chunks_exact(66).zip(y.chunks_exact_mut(256)) {
        let d = half_at(block, 0);
        for i in 0..256 {
            let (j, k) = (i / 32, i / 8 % 4);
            let entry = usize::from(block[2 + 8 * j + k]);
            let word = u32_at(block, 6 + 8 * j);
            let db = d * (0.5 + (word >> 28) as f32) * 0.25;
            y[i] = db * f32::from(grid[8 * entry + i % 8]) * sign(word >> (7 * k), i as u32 % 8);
        }
    }
}

/// 1 or -1 for weight `i` of 8: seven bits are stored, the eighth makes their number even.
pub(super) fn sign(seven: u32, i: u32) -> f32 {
    let seven = seven & 127;
    let bits = seven | (seven.count_ones() & 1) << 7;
    if bits >> i & 1 == 0 { 1.0 } else { -1.0 }
}
