use ggweb_gguf::GgmlType;

use super::{f16, f32, q4_0, q8_0, row_bytes};

/// A tensor as the GPU reads it: the same bits as in the file, put so that every load is aligned.
///
/// # Shapes
/// Both planes row by row; a word is a little-endian u32.
///
/// | type | `quants`, words in a row | `scales`, words in a row |
/// |---|---|---|
/// | `Q4_0` | 4 for each block | one for two blocks, the earlier in the low half; 0 at an odd end |
/// | `Q8_0` | 8 for each block | the same |
/// | `F16` | `n_in / 2`, `n_in` rounded up to [`Planes::PAD`] | none |
/// | `F32` | `n_in`, rounded up to [`Planes::PAD`] | none |
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Planes {
    /// The weights.
    pub quants: Vec<u32>,
    /// The blocks' f16 scales.
    pub scales: Vec<u32>,
}

impl Planes {
    /// Rows without blocks are padded with zeros to a multiple of this many weights.
    pub const PAD: usize = 32;
}

/// Puts the file's rows of `n_in` weights into planes.
///
/// # Panics
/// If the type has no planes or `bytes` are not whole rows.
#[must_use]
pub fn repack(ggml_type: GgmlType, bytes: &[u8], n_in: usize) -> Planes {
    let row_bytes = row_bytes(ggml_type, n_in);
    assert!(
        bytes.len().is_multiple_of(row_bytes),
        "the bytes are not whole rows"
    );
    let mut planes = Planes::default();
    for row in bytes.chunks_exact(row_bytes) {
        match ggml_type {
            GgmlType::F32 => f32::repack_row(row, &mut planes),
            GgmlType::F16 => f16::repack_row(row, &mut planes),
            GgmlType::Q8_0 => q8_0::repack_row(row, &mut planes),
            GgmlType::Q4_0 => q4_0::repack_row(row, &mut planes),
            other => panic!("{} has no planes", other.name()),
        }
    }
    planes
}

/// The inverse of [`repack`]: the file's bytes.
///
/// # Panics
/// If the type has no planes or the planes do not hold `n_row` rows.
#[must_use]
pub fn unpack(ggml_type: GgmlType, planes: &Planes, n_row: usize, n_in: usize) -> Vec<u8> {
    let quants = planes.quants.len() / n_row;
    let scales = planes.scales.len() / n_row;
    let mut bytes = Vec::with_capacity(n_row * row_bytes(ggml_type, n_in));
    for row in 0..n_row {
        let quants = &planes.quants[row * quants..(row + 1) * quants];
        let scales = &planes.scales[row * scales..(row + 1) * scales];
        match ggml_type {
            GgmlType::F32 => f32::unpack_row(quants, n_in, &mut bytes),
            GgmlType::F16 => f16::unpack_row(quants, n_in, &mut bytes),
            GgmlType::Q8_0 => q8_0::unpack_row(quants, scales, &mut bytes),
            GgmlType::Q4_0 => q4_0::unpack_row(quants, scales, &mut bytes),
            other => panic!("{} has no planes", other.name()),
        }
    }
    bytes
}

/// Little-endian words of bytes whose number is a multiple of 4.
pub(super) fn words(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes
        .chunks_exact(4)
        .map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

/// Collects the f16 at the head of each block of a row, two in a word.
pub(super) fn pack_scales(row: &[u8], block_bytes: usize, scales: &mut Vec<u32>) {
    for pair in row.chunks(2 * block_bytes) {
        let low = u32::from(u16::from_le_bytes([pair[0], pair[1]]));
        let high = match pair.get(block_bytes..) {
            Some([a, b, ..]) => u32::from(u16::from_le_bytes([*a, *b])),
            _ => 0,
        };
        scales.push(low | high << 16);
    }
}

/// The two bytes of a block's scale.
pub(super) fn unpack_scale(scales: &[u32], block: usize) -> [u8; 2] {
    let word = scales[block / 2].to_le_bytes();
    if block.is_multiple_of(2) {
        [word[0], word[1]]
    } else {
        [word[2], word[3]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that repeat nowhere near: a multiplicative sequence.
    fn bytes(n: usize) -> Vec<u8> {
        (1..=n as u32)
            .map(|i| (i.wrapping_mul(0x9e37_79b9) >> 24) as u8)
            .collect()
    }

    #[test]
    fn unpack_gives_back_the_file() {
        for ggml_type in [GgmlType::F32, GgmlType::F16, GgmlType::Q8_0, GgmlType::Q4_0] {
            for n_block in [1usize, 2, 3, 9, 44] {
                for n_in in [n_block * 32, n_block * 32 - 12] {
                    if n_in.is_multiple_of(ggml_type.block_size()) {
                        let file = bytes(3 * row_bytes(ggml_type, n_in));
                        let planes = repack(ggml_type, &file, n_in);
                        assert_eq!(unpack(ggml_type, &planes, 3, n_in), file, "{n_in} weights");
                    }
                }
            }
        }
    }

    #[test]
    fn an_odd_row_ends_in_a_zero_half_scale() {
        let file = bytes(2 * 3 * 18);
        let planes = repack(GgmlType::Q4_0, &file, 96);
        let scale =
            |block: usize| u32::from(file[block * 18]) | u32::from(file[block * 18 + 1]) << 8;
        assert_eq!(
            planes.scales,
            [
                scale(0) | scale(1) << 16,
                scale(2),
                scale(3) | scale(4) << 16,
                scale(5)
            ]
        );
        assert_eq!(planes.quants.len(), 2 * 3 * 4);
        assert_eq!(planes.quants[4].to_le_bytes(), file[20..24]);
    }

    #[test]
    fn rows_of_floats_are_padded() {
        // 172 weights, as ffn_down of stories260K: 20 of padding.
        let f16 = repack(GgmlType::F16, &bytes(2 * 172 * 2), 172);
        assert_eq!(f16.quants.len(), 2 * 96);
        assert_eq!(f16.quants[86..96], [0; 10]);
        let f32 = repack(GgmlType::F32, &bytes(2 * 172 * 4), 172);
        assert_eq!(f32.quants.len(), 2 * 192);
        assert_eq!(f32.quants[172..192], [0; 20]);
        assert_ne!(f32.quants[192], 0);
    }
}
