use ggweb_gguf::Grid;

use super::{half_at, u16_at};

/// What is added to the grid's values, of which [`Grid::IQ1`] has one more than ggml.
pub(super) const DELTA: f32 = 0.125;

/// `y = d * (2 * scale + 1) * (grid + delta)`; for each 8 weights 8 bits of index and 3 more apart; these, a scale of 3
/// bits and the sign of delta are a word for each 32.
///
/// # Source
/// ggml's `block_iq1_s` and `dequantize_row_iq1_s`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    let grid = Grid::IQ1.bytes();
    for (block, y) in bytes.chunks_exact(50).zip(y.chunks_exact_mut(256)) {
        let d = half_at(block, 0);
        for i in 0..256 {
            let word = u16_at(block, 34 + i / 32 * 2);
            let high = word >> (3 * (i / 8 % 4)) & 7;
            let entry = usize::from(block[2 + i / 8]) | usize::from(high) << 8;
            let dl = d * (2.0 * f32::from(word >> 12 & 7) + 1.0);
            let delta = if word >> 15 == 1 { -DELTA } else { DELTA };
            y[i] = dl * (f32::from(grid[8 * entry + i % 8]) - 1.0 + delta);
        }
    }
}
