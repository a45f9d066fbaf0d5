use super::{half_at, u32_at};

/// `y = d * q + m`; bit `i` of a word is the fifth bit of weight `i`, the others are nibbles as in `Q4_1`.
///
/// # Source
/// ggml's `block_q5_1` and `dequantize_row_q5_1`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for (block, y) in bytes.chunks_exact(24).zip(y.chunks_exact_mut(32)) {
        let (d, m) = (half_at(block, 0), half_at(block, 2));
        let high = u32_at(block, 4);
        for i in 0..16 {
            let byte = u32::from(block[8 + i]);
            let q0 = byte & 15 | (high >> i & 1) << 4;
            let q1 = byte >> 4 | (high >> (16 + i) & 1) << 4;
            y[i] = d * q0 as f32 + m;
            y[16 + i] = d * q1 as f32 + m;
        }
    }
}
