//! Tables that formats look weights up in: facts of the formats, kept once.

use crate::grid_tables;

/// The values that a nibble of `IQ4_NL` and `IQ4_XS` stands for.
///
/// # Source
/// `kvalues_iq4nl` of ggml's `ggml-common.h`.
pub const IQ4_VALUES: [i8; 16] = [
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
];

/// Twice the values that a nibble of `MXFP4` and `NVFP4` stands for.
///
/// # Source
/// E2M1 of the OCP Microscaling Formats specification 1.0; doubled as in `kvalues_mxfp4` of ggml's `ggml-common.h`.
pub const FP4_VALUES: [i8; 16] = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

/// A table of the formats that store the index of several weights at once.
#[expect(
    non_camel_case_types,
    reason = "one grep finds a format in ggml and here"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grid {
    /// 256 entries of 8 weights.
    IQ2_XXS,
    /// 512 entries of 8 weights.
    IQ2_XS,
    /// 1024 entries of 8 weights.
    IQ2_S,
    /// 2048 entries of 8 weights: `IQ1_S` and `IQ1_M`. Values are one more than in ggml: 0, 1 and 2.
    IQ1,
    /// 256 entries of 4 weights.
    IQ3_XXS,
    /// 512 entries of 4 weights.
    IQ3_S,
}

impl Grid {
    /// How many weights an entry has: 4 or 8.
    #[must_use]
    pub const fn entry_weights(self) -> usize {
        match self {
            Self::IQ2_XXS | Self::IQ2_XS | Self::IQ2_S | Self::IQ1 => 8,
            Self::IQ3_XXS | Self::IQ3_S => 4,
        }
    }

    /// The table, a byte for each weight.
    ///
    /// # Shapes
    /// `[n_entry, entry_weights]`.
    #[must_use]
    pub fn bytes(self) -> Vec<u8> {
        let n = self.entry_weights();
        let bits = if n == 8 { 2 } else { 3 };
        let (entries, levels): (&[u16], &[u8]) = match self {
            Self::IQ2_XXS => (&grid_tables::IQ2_XXS, &[8, 25, 43]),
            Self::IQ2_XS => (&grid_tables::IQ2_XS, &[8, 25, 43]),
            Self::IQ2_S => (&grid_tables::IQ2_S, &[8, 25, 43]),
            Self::IQ1 => (&grid_tables::IQ1, &[0, 1, 2]),
            Self::IQ3_XXS => (&grid_tables::IQ3_XXS, &[4, 12, 20, 28, 36, 44, 52, 62]),
            Self::IQ3_S => (&grid_tables::IQ3_S, &[1, 3, 5, 7, 9, 11, 13, 15]),
        };
        let level =
            |entry: u16, i: usize| levels[usize::from(entry >> (bits * i)) & ((1 << bits) - 1)];
        let entry = |&entry: &u16| (0..n).map(move |i| level(entry, i));
        entries.iter().flat_map(entry).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_distinct_and_whole() {
        for (grid, n_entry) in [
            (Grid::IQ2_XXS, 256),
            (Grid::IQ2_XS, 512),
            (Grid::IQ2_S, 1024),
            (Grid::IQ1, 2048),
            (Grid::IQ3_XXS, 256),
            (Grid::IQ3_S, 512),
        ] {
            let bytes = grid.bytes();
            let mut entries: Vec<&[u8]> = bytes.chunks_exact(grid.entry_weights()).collect();
            entries.sort_unstable();
            entries.dedup();
            assert_eq!(entries.len(), n_entry, "{grid:?}");
        }
    }
}
