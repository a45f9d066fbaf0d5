use ggweb_gguf::Grid;

use super::half_at;

/// `y = d * (2 * scale + 1) * grid * sign`; for each 4 weights 8 bits of index, a ninth apart, and four signs, for each 32
/// a scale of 4 bits.
///
/// # Source
/// ggml's `block_iq3_s` and `dequantize_row_iq3_s`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    let grid = Grid::IQ3_S.bytes();
    for (block, y) in bytes.chunks_exact(110).zip(y.chunks_exact_mut(256)) {
        let d = half_at(block, 0);
        for i in 0..256 {
            let high = block[66 + i / 32] >> (i / 4 % 8) & 1;
            let entry = usize::from(block[2 + i / 4]) | usize::from(high) << 8;
            let negative = block[74 + i / 8] >> (i % 8) & 1 == 1;
            let scale = block[106 + i / 64] >> (4 * (i / 32 % 2)) & 15;
            let db = d * (1.0 + 2.0 * f32::from(scale));
            let value = f32::from(grid[4 * entry + i % 4]);
            y[i] = db * if negative { -value } else { value };
        }
    }
}
