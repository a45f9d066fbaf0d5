use ggweb_gguf::Grid;
use half::f16;

use super::{iq1_s::DELTA, u16_at};

/// `y = d * (2 * scale + 1) * (grid + delta)`; as `IQ1_S`, with a nibble for each 8 weights of 3 bits of index and the
/// sign of delta, and a scale for each 16. The f16 `d` is the upper nibbles of the four words of scales.
///
/// # Source
/// ggml's `block_iq1_m` and `dequantize_row_iq1_m`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    let grid = Grid::IQ1.bytes();
    for (block, y) in bytes.chunks_exact(56).zip(y.chunks_exact_mut(256)) {
        let scales = [48, 50, 52, 54].map(|at| u16_at(block, at));
        let d = (0..4).map(|k| scales[k] >> 12 << (4 * k)).sum();
        let d = f16::from_bits(d).to_f32();
        for i in 0..256 {
            let nibble = block[32 + i / 16] >> (4 * (i / 8 % 2)) & 15;
            let entry = usize::from(block[i / 8]) | usize::from(nibble & 7) << 8;
            let scale = scales[i / 64] >> (3 * (i / 16 % 4)) & 7;
            let dl = d * (2.0 * f32::from(scale) + 1.0);
            let delta = if nibble >> 3 == 1 { -DELTA } else { DELTA };
            y[i] = dl * (f32::from(grid[8 * entry + i % 8]) - 1.0 + delta);
        }
    }
}
