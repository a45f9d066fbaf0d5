use ggweb_gguf::Grid;

use super::{half_at, iq2_xxs::sign, u16_at};

/// `y = d * (scale + 1/2) / 4 * grid * sign`; for each 8 weights 9 bits of index and seven signs, for each 16 a scale of
/// 4 bits.
///
/// # Source
/// ggml's `block_iq2_xs` and `dequantize_row_iq2_xs`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    let grid = Grid::IQ2_XS.bytes();
    for (block, y) in bytes.chunks_exact(74).zip(y.chunks_exact_mut(256)) {
        let d = half_at(block, 0);
        for i in 0..256 {
            let word = u32::from(u16_at(block, 2 + i / 8 * 2));
            let entry = (word & 511) as usize;
            let scale = block[66 + i / 32] >> (4 * (i / 16 % 2)) & 15;
            let db = d * (0.5 + f32::from(scale)) * 0.25;
            y[i] = db * f32::from(grid[8 * entry + i % 8]) * sign(word >> 9, i as u32 % 8);
        }
    }
}
