//! How the blocks of a type are taken apart, so that a GPU reads them in aligned words.

use crate::grid::Grid;

/// What the kernels know of a type of weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// Stem of its files: the twin `formats/{stem}.rs` and the shader part `formats/{stem}.wgsl`.
    pub stem: &'static str,
    /// What its shader part makes of 32 weights.
    pub kind: Kind,
    /// The pieces of a block that lie in each plane, in order. In a row of the matrix a plane holds its pieces of all
    /// blocks, tight, and ends with a whole word. Together the pieces are the block. Plain numbers have none: their
    /// only plane is the row itself, padded to 32 weights.
    pub planes: [&'static [Piece]; 3],
    /// The table that it looks weights up in.
    pub grid: Option<Grid>,
}

/// What a shader part makes of 32 weights.
#[expect(
    non_camel_case_types,
    reason = "they are words of the rows in `for_each_ggml_type`"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// f32 numbers.
    plain,
    /// Bytes from 0 to 127, of which an offset is taken, and a scale and a minimum for each 16.
    unsigned,
    /// Signed bytes, and a scale for each 16.
    signed,
}

/// Some bytes of a block.
///
/// With `bits` below 8 they are groups of 32 bytes in which a byte holds one field of each of `8 / bits` runs of 32
/// weights; a plane has the runs one behind the other, so that a run is `bits` words: field `i` of byte `k` of run `s`
/// is field `s` of byte `4 * bits * i + k` of the group. Done twice this changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The first byte in the block.
    pub begin: usize,
    /// The byte behind the last one.
    pub end: usize,
    /// 8 for bytes as they are, or the width of a field: 4, 2 or 1.
    pub bits: usize,
}

impl Piece {
    /// How many bytes.
    #[must_use]
    pub const fn n_bytes(&self) -> usize {
        self.end - self.begin
    }
}

impl Format {
    /// Bytes of a block in a plane.
    #[must_use]
    pub fn plane_bytes(&self, plane: usize) -> usize {
        self.planes[plane].iter().map(Piece::n_bytes).sum()
    }

    /// The fewest blocks whose pieces are whole words in every plane.
    #[must_use]
    pub fn unit_blocks(&self) -> usize {
        let blocks = |plane| match self.plane_bytes(plane) % 4 {
            0 => 1,
            2 => 2,
            _ => 4,
        };
        (0..3).map(blocks).max().unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    use crate::GgmlType;

    #[test]
    fn pieces_are_the_whole_block() {
        for ggml_type in GgmlType::of_weights() {
            let format = ggml_type.format().unwrap();
            let mut pieces = format.planes.concat();
            pieces.sort_unstable_by_key(|piece| piece.begin);
            let mut at = 0;
            for piece in &pieces {
                assert_eq!(piece.begin, at, "{ggml_type}");
                let group = if piece.bits == 8 { 1 } else { 32 };
                assert!(
                    piece.n_bytes() > 0 && piece.n_bytes() % group == 0,
                    "{ggml_type}"
                );
                at = piece.end;
            }
            if !pieces.is_empty() {
                assert_eq!(at, ggml_type.block_bytes(), "{ggml_type}");
                assert_eq!(
                    format.plane_bytes(0) % 8,
                    0,
                    "{ggml_type}: plane 0 is vectors"
                );
            }
        }
    }
}
