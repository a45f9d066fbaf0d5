use ggweb_gguf::GgmlType;

use super::dequantize_row;

/// Whether a type's rows can be read.
#[must_use]
pub fn is_supported(ggml_type: GgmlType) -> bool {
    ggml_type.format().is_some()
}

/// Bytes of one row of `n_in` weights.
///
/// # Panics
/// If `n_in` is not a whole number of the type's blocks: `gguf` has checked this for a file.
#[must_use]
pub fn row_bytes(ggml_type: GgmlType, n_in: usize) -> usize {
    assert!(
        n_in.is_multiple_of(ggml_type.block_size()),
        "{n_in} weights are no whole number of {} blocks",
        ggml_type.name()
    );
    n_in / ggml_type.block_size() * ggml_type.block_bytes()
}

/// The values of a tensor's rows.
///
/// # Shapes
/// `bytes` as in the file, rows of `n_in` weights; returns `[n_row, n_in]`.
///
/// # Panics
/// If the type is not [supported](is_supported) or `bytes` are not whole rows.
#[must_use]
pub fn dequantize(ggml_type: GgmlType, bytes: &[u8], n_in: usize) -> Vec<f32> {
    let row_bytes = row_bytes(ggml_type, n_in);
    assert!(
        bytes.len().is_multiple_of(row_bytes),
        "the bytes are not whole rows"
    );
    let mut y = vec![0.0; bytes.len() / row_bytes * n_in];
    for (row, y) in bytes.chunks_exact(row_bytes).zip(y.chunks_exact_mut(n_in)) {
        dequantize_row(ggml_type, row, y);
    }
    y
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q4_0_has_low_nibbles_first() {
        let mut block = vec![0x00, 0x38]; // 0.5
        block.extend((0..16).map(|i| i | (15 - i) << 4));
        let y = dequantize(GgmlType::Q4_0, &block, 32);
        for i in 0..16 {
            assert_eq!(y[i], 0.5 * (i as f32 - 8.0));
            assert_eq!(y[16 + i], 0.5 * (7.0 - i as f32));
        }
    }

    #[test]
    fn q8_0_is_signed() {
        let mut block = vec![0x00, 0x40]; // 2
        block.extend((0..32u8).map(|i| i.wrapping_mul(8).wrapping_add(128)));
        let y = dequantize(GgmlType::Q8_0, &block, 32);
        for i in 0..32 {
            assert_eq!(y[i], 2.0 * (i as f32 * 8.0 - 128.0));
        }
    }

    #[test]
    fn floats_are_little_endian() {
        assert_eq!(
            dequantize(GgmlType::F16, &[0x00, 0x3c, 0x00, 0xc0], 1),
            [1.0, -2.0]
        );
        assert_eq!(dequantize(GgmlType::F32, &[0, 0, 0x20, 0xc1], 1), [-10.0]);
        assert_eq!(dequantize(GgmlType::BF16, &[0x20, 0xc1], 1), [-10.0]);
    }
}
