use ggweb_gguf::FP4_VALUES;

/// `y = 2^(e - 128) * value(q)`; a byte of exponent, nibbles as in `Q4_0`, doubled E2M1 values.
///
/// # Source
/// ggml's `block_mxfp4` and `dequantize_row_mxfp4`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for (block, y) in bytes.chunks_exact(17).zip(y.chunks_exact_mut(32)) {
        let e = u32::from(block[0]);
        // Half of 2^(e - 127): below e = 2 it is no normal number.
        let d = f32::from_bits(if e < 2 {
            0x0020_0000 << e
        } else {
            (e - 1) << 23
        });
        for i in 0..16 {
            y[i] = d * f32::from(FP4_VALUES[usize::from(block[1 + i] & 15)]);
            y[16 + i] = d * f32::from(FP4_VALUES[usize::from(block[1 + i] >> 4)]);
        }
    }
}
