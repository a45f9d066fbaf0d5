use ggweb_gguf::FP4_VALUES;

/// `y = scale / 2 * value(q)`; for each 16 weights an E4M3 scale without sign, and 8 bytes whose low nibbles are the
/// first 8 of them; doubled E2M1 values.
///
/// # Source
/// ggml's `block_nvfp4` and `dequantize_row_nvfp4`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for (block, y) in bytes.chunks_exact(36).zip(y.chunks_exact_mut(64)) {
        for j in 0..4 {
            let d = 0.5 * ue4m3(block[j]);
            for i in 0..8 {
                let byte = block[4 + 8 * j + i];
                y[16 * j + i] = d * f32::from(FP4_VALUES[usize::from(byte & 15)]);
                y[16 * j + 8 + i] = d * f32::from(FP4_VALUES[usize::from(byte >> 4)]);
            }
        }
    }
}

/// Four bits of exponent with bias 7, three of mantissa; the upper bit is not read, 0x7f counts as 0.
fn ue4m3(byte: u8) -> f32 {
    let (exponent, mantissa) = (byte >> 3 & 15, f32::from(byte & 7));
    match (byte, exponent) {
        (0x7f, _) => 0.0,
        (_, 0) => mantissa / 512.0,
        _ => (8.0 + mantissa) * (f32::from(exponent) - 10.0).exp2(),
    }
}
