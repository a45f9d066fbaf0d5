use ggweb_gguf::Grid;

use super::half_at;

/// `y = d * (scale + 1/2) / 4 * grid * sign`; for each 8 weights 8 bits of index, 2 more apart, and eight signs, for each
/// 16 a scale of 4 bits.
///
/// # Source
/// ggml's `block_iq2_s` and `dequantize_row_iq2_s`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    let grid = Grid::IQ2_S.bytes();
    for (block, y) in bytes.chunks_exact(82).zip(y.chunks_exact_mut(256)) {
        let d = half_at(block, 0);
        for i in 0..256 {
            let high = block[66 + i / 32] >> (2 * (i / 8 % 4)) & 3;
            let entry = usize::from(block[2 + i / 8]) | usize::from(high) << 8;
            let negative = block[34 + i / 8] >> (i % 8) & 1 == 1;
            let scale = block[74 + i / 32] >> (4 * (i / 16 % 2)) & 15;
            let db = d * (0.5 + f32::from(scale)) * 0.25;
            let value = f32::from(grid[8 * entry + i % 8]);
            y[i] = db * if negative { -value } else { value };
        }
    }
}
