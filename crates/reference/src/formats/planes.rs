use ggweb_gguf::{Format, GgmlType, Kind, Piece};

use super::{row_bytes, u32_at};

/// A tensor as the GPU reads it: the same bits as in the file, put so that every load is aligned.
///
/// # Shapes
/// Three planes row by row; a word is a little-endian u32. Plain numbers lie in the first plane alone, rows padded with
/// zeros to a multiple of [`Planes::PAD`] weights. Of other types each plane has its pieces of each block, as the type's
/// [`Format`] says; where those are no whole words, a row ends with zeros up to one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Planes(pub [Vec<u32>; 3]);

impl Planes {
    /// Rows without blocks are padded with zeros to a multiple of this many weights.
    pub const PAD: usize = 32;
}

fn format(ggml_type: GgmlType) -> Format {
    ggml_type
        .format()
        .unwrap_or_else(|| panic!("{} has no planes", ggml_type.name()))
}

/// Puts the file's rows of `n_in` weights into planes.
///
/// # Panics
/// If the type has no planes or `bytes` are not whole rows.
#[must_use]
pub fn repack(ggml_type: GgmlType, bytes: &[u8], n_in: usize) -> Planes {
    let format = format(ggml_type);
    let row_bytes = row_bytes(ggml_type, n_in);
    assert!(
        bytes.len().is_multiple_of(row_bytes),
        "the bytes are not whole rows"
    );
    let mut planes = Planes::default();
    for row in bytes.chunks_exact(row_bytes) {
        for (plane, words) in planes.0.iter_mut().enumerate() {
            let mut moved = Vec::new();
            if format.kind == Kind::plain && plane == 0 {
                moved.extend(row);
                moved.resize(
                    n_in.next_multiple_of(Planes::PAD) * ggml_type.block_bytes(),
                    0,
                );
            }
            for block in row.chunks_exact(ggml_type.block_bytes()) {
                for piece in format.planes[plane] {
                    moved.extend(transpose(piece, &block[piece.begin..piece.end]));
                }
            }
            moved.resize(moved.len().next_multiple_of(4), 0);
            words.extend((0..moved.len()).step_by(4).map(|at| u32_at(&moved, at)));
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
    let format = format(ggml_type);
    let mut bytes = vec![0; n_row * row_bytes(ggml_type, n_in)];
    for (row, bytes) in bytes
        .chunks_exact_mut(row_bytes(ggml_type, n_in))
        .enumerate()
    {
        for (plane, words) in planes.0.iter().enumerate() {
            let n_word = words.len() / n_row;
            let words = &words[row * n_word..(row + 1) * n_word];
            let moved: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
            if format.kind == Kind::plain && plane == 0 {
                bytes.copy_from_slice(&moved[..bytes.len()]);
            }
            let mut at = 0;
            for block in bytes.chunks_exact_mut(ggml_type.block_bytes()) {
                for piece in format.planes[plane] {
                    let end = at + piece.n_bytes();
                    block[piece.begin..piece.end]
                        .copy_from_slice(&transpose(piece, &moved[at..end]));
                    at = end;
                }
            }
        }
    }
    bytes
}

/// The bytes of a piece, the fields of each run together; the same function puts them back.
fn transpose(piece: &Piece, bytes: &[u8]) -> Vec<u8> {
    if piece.bits == 8 {
        return bytes.to_vec();
    }
    let (bits, n_field) = (piece.bits, 8 / piece.bits);
    let mask = (1 << bits) - 1;
    let mut moved = vec![0; bytes.len()];
    for group in (0..bytes.len()).step_by(32) {
        for run in 0..n_field {
            for k in 0..4 * bits {
                for i in 0..n_field {
                    let field = bytes[group + 4 * bits * i + k] >> (bits * run) & mask;
                    moved[group + 4 * bits * run + k] |= field << (bits * i);
                }
            }
        }
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that repeat nowhere near: a hash of a counter.
    fn bytes(seed: u32, n: usize) -> Vec<u8> {
        (1..=n as u32)
            .map(|i| {
                let i = (i ^ seed ^ i >> 15).wrapping_mul(0x9e37_79b9);
                ((i ^ i >> 13).wrapping_mul(0x85eb_ca6b) >> 24) as u8
            })
            .collect()
    }

    fn there_and_back(ggml_type: GgmlType, file: &[u8], n_row: usize) {
        let n_in = file.len() / n_row / ggml_type.block_bytes() * ggml_type.block_size();
        let planes = repack(ggml_type, file, n_in);
        let n_word: usize = planes.0.iter().map(Vec::len).sum();
        let padding = 4 * n_word - file.len();
        assert!(
            padding <= n_row * (3 * 3 + 31 * 4),
            "{ggml_type}: {padding} bytes of padding"
        );
        assert!(
            unpack(ggml_type, &planes, n_row, n_in) == file,
            "{ggml_type}, {n_in} weights"
        );
    }

    #[test]
    fn unpack_gives_back_rows_of_any_length() {
        for ggml_type in GgmlType::of_weights() {
            for n_block in [1, 2, 3, 9, 44] {
                there_and_back(
                    ggml_type,
                    &bytes(0, 3 * n_block * ggml_type.block_bytes()),
                    3,
                );
            }
        }
    }

    #[test]
    fn unpack_gives_back_every_value_of_every_byte() {
        for ggml_type in GgmlType::of_weights() {
            let block = bytes(1, ggml_type.block_bytes());
            for at in 0..block.len() {
                let mut file = Vec::new();
                for value in 0..=255 {
                    file.extend(&block);
                    let end = file.len();
                    file[end - block.len() + at] = value;
                }
                there_and_back(ggml_type, &file, 2);
            }
        }
    }

    #[test]
    fn unpack_gives_back_1e5_random_blocks() {
        for ggml_type in GgmlType::of_weights() {
            for seed in 0..100 {
                there_and_back(
                    ggml_type,
                    &bytes(seed << 20, 1000 * ggml_type.block_bytes()),
                    8,
                );
            }
        }
    }

    #[test]
    fn an_odd_row_ends_in_a_zero_half_scale() {
        let file = bytes(0, 2 * 3 * 18);
        let Planes([quants, _, scales]) = repack(GgmlType::Q4_0, &file, 96);
        let scale =
            |block: usize| u32::from(file[block * 18]) | u32::from(file[block * 18 + 1]) << 8;
        assert_eq!(
            scales,
            [
                scale(0) | scale(1) << 16,
                scale(2),
                scale(3) | scale(4) << 16,
                scale(5)
            ]
        );
        assert_eq!(quants.len(), 2 * 3 * 4);
        assert_eq!(quants[4].to_le_bytes(), file[20..24]);
    }

    #[test]
    fn fields_of_a_run_lie_together() {
        // Weights 64 .. 96 of a Q4_K block are the low nibbles of bytes 48 .. 80.
        let file = bytes(0, 144);
        let Planes([quants, header, _]) = repack(GgmlType::Q4_K, &file, 256);
        assert_eq!(header.len(), 4);
        let run: Vec<u8> = quants[8..12]
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect();
        for k in 0..16 {
            assert_eq!(run[k], file[48 + k] & 15 | file[64 + k] << 4, "{k}");
        }
    }

    #[test]
    fn rows_of_floats_are_padded() {
        // 172 weights, as ffn_down of stories260K: 20 of padding.
        let Planes([f16, ..]) = repack(GgmlType::F16, &bytes(0, 2 * 172 * 2), 172);
        assert_eq!(f16.len(), 2 * 96);
        assert_eq!(f16[86..96], [0; 10]);
        let Planes([f32, ..]) = repack(GgmlType::F32, &bytes(0, 2 * 172 * 4), 172);
        assert_eq!(f32.len(), 2 * 192);
        assert_eq!(f32[172..192], [0; 20]);
        assert_ne!(f32[192], 0);
    }
}
