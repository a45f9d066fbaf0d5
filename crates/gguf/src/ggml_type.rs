//! ggml's tensor types: one row each, of which everything that is made per type is made.

use std::fmt;

use crate::format::{Format, Kind, Piece};
use crate::grid::Grid;

/// Gives the rows of all types to the macro that is named: here the enum is made of them, elsewhere the list of twins
/// and of shader parts.
///
/// A row is the name, ggml's id, the weights and the bytes of a block, and where there are kernels a [`Format`]: stem,
/// kind, what lies in each of three planes, and the grid.
///
/// # Source
/// `enum ggml_type` in `ggml.h`, the block structs in `ggml-common.h`; ids that ggml has withdrawn (4, 5, 31 to 33,
/// 36 to 38) are not here.
#[macro_export]
macro_rules! for_each_ggml_type {
    ($with:ident) => {
        $with! {
            F32 = 0, 1, 4 => f32 plain [] [] [];
            F16 = 1, 1, 2 => f16 plain [] [] [];
            Q4_0 = 2, 32, 18 => q4_0 unsigned [2..18] [] [0..2];
            Q4_1 = 3, 32, 20 => q4_1 unsigned [4..20] [0..4] [];
            Q5_0 = 6, 32, 22 => q5_0 unsigned [6..22] [2..6] [0..2];
            Q5_1 = 7, 32, 24 => q5_1 unsigned [8..24] [0..8] [];
            Q8_0 = 8, 32, 34 => q8_0 signed [2..34] [] [0..2];
            Q8_1 = 9, 32, 36;
            Q2_K = 10, 256, 84 => q2_k unsigned [16..80 by 2] [0..16, 80..84] [];
            Q3_K = 11, 256, 110 => q3_k unsigned [32..96 by 2] [0..32 by 1, 96..108] [108..110];
            Q4_K = 12, 256, 144 => q4_k unsigned [16..144 by 4] [0..16] [];
            Q5_K = 13, 256, 176 => q5_k unsigned [48..176 by 4] [0..16, 16..48 by 1] [];
            Q6_K = 14, 256, 210 => q6_k unsigned [0..128 by 4] [128..192 by 2, 192..208] [208..210];
            Q8_K = 15, 256, 292;
            IQ2_XXS = 16, 256, 66 => iq2_xxs signed [2..66] [] [0..2] IQ2_XXS;
            IQ2_XS = 17, 256, 74 => iq2_xs signed [2..66] [66..74] [0..2] IQ2_XS;
            IQ3_XXS = 18, 256, 98 => iq3_xxs signed [2..66] [66..98] [0..2] IQ3_XXS;
            IQ1_S = 19, 256, 50 => iq1_s unsigned [2..34] [34..50] [0..2] IQ1;
            IQ4_NL = 20, 32, 18 => iq4_nl signed [2..18] [] [0..2];
            IQ3_S = 21, 256, 110 => iq3_s signed [2..66] [66..74, 74..106, 106..110] [0..2] IQ3_S;
            IQ2_S = 22, 256, 82 => iq2_s signed [2..34, 34..66] [66..74, 74..82] [0..2] IQ2_S;
            IQ4_XS = 23, 256, 136 => iq4_xs signed [8..136] [0..8] [];
            I8 = 24, 1, 1;
            I16 = 25, 1, 2;
            I32 = 26, 1, 4;
            I64 = 27, 1, 8;
            F64 = 28, 1, 8;
            IQ1_M = 29, 256, 56 => iq1_m unsigned [0..32] [32..48, 48..56] [] IQ1;
            BF16 = 30, 1, 2 => bf16 plain [] [] [];
            TQ1_0 = 34, 256, 54 => tq1_0 unsigned [0..48] [48..52] [52..54];
            TQ2_0 = 35, 256, 66 => tq2_0 unsigned [0..64 by 2] [] [64..66];
            MXFP4 = 39, 32, 17 => mxfp4 signed [1..17] [] [0..1];
            NVFP4 = 40, 64, 36 => nvfp4 signed [4..36] [0..4] [];
            Q1_0 = 41, 128, 18 => q1_0 unsigned [2..18] [] [0..2];
            Q2_0 = 42, 64, 18 => q2_0 unsigned [2..18] [] [0..2];
        }
    };
}

/// `[a..b, c..d by 4]` of a row.
macro_rules! pieces {
    ($($begin:literal .. $end:literal $(by $bits:literal)?),*) => {
        &[$(Piece { begin: $begin, end: $end, bits: pieces!(@bits $($bits)?) }),*]
    };
    (@bits) => { 8 };
    (@bits $bits:literal) => { $bits };
}

macro_rules! grid {
    () => {
        None
    };
    ($grid:ident) => {
        Some(Grid::$grid)
    };
}

macro_rules! define {
    ($(
        $variant:ident = $id:literal, $block_size:literal, $block_bytes:literal
        $(=> $stem:ident $kind:ident [$($p0:tt)*] [$($p1:tt)*] [$($p2:tt)*] $($grid:ident)?)?;
    )*) => {
        /// How a tensor's weights are stored; variants are named as in ggml.
        #[expect(
            non_camel_case_types,
            reason = "one grep finds a format in ggml and here"
        )]
        #[expect(missing_docs, reason = "the names are the documentation")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u32)]
        pub enum GgmlType {
            $($variant = $id,)*
        }

        impl GgmlType {
            /// Every type, in the order of ids.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Name, weights per block, bytes per block.
            const fn layout(self) -> (&'static str, usize, usize) {
                match self {
                    $(Self::$variant => (stringify!($variant), $block_size, $block_bytes),)*
                }
            }

            /// What kernels know of the type; `None` if it is not used for weights.
            #[must_use]
            pub const fn format(self) -> Option<Format> {
                match self {
                    $($(Self::$variant => Some(Format {
                        stem: stringify!($stem),
                        kind: Kind::$kind,
                        planes: [pieces!($($p0)*), pieces!($($p1)*), pieces!($($p2)*)],
                        grid: grid!($($grid)?),
                    }),)?)*
                    _ => None,
                }
            }
        }
    };
}

for_each_ggml_type!(define);

impl GgmlType {
    /// The types that weights may have, in the order of ids.
    pub fn of_weights() -> impl Iterator<Item = Self> {
        let every = Self::ALL.iter().copied();
        every.filter(|ggml_type| ggml_type.format().is_some())
    }

    /// The type with ggml's number `id`, if there is one.
    ///
    /// ```
    /// use ggweb_gguf::GgmlType;
    /// assert_eq!(GgmlType::from_id(12), Some(GgmlType::Q4_K));
    /// assert_eq!(GgmlType::from_id(4), None); // Q4_2, withdrawn
    /// ```
    pub fn from_id(id: u32) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|ggml_type| ggml_type.id() == id)
    }

    /// ggml's number of this type, as files have it.
    pub const fn id(self) -> u32 {
        self as u32
    }

    /// The name as ggml's enum spells it: `F16`, `Q4_K`, `IQ2_XXS`.
    pub const fn name(self) -> &'static str {
        self.layout().0
    }

    /// How many weights one block holds; 1 for plain numbers. Rows are whole blocks.
    pub const fn block_size(self) -> usize {
        self.layout().1
    }

    /// How many bytes one block has.
    pub const fn block_bytes(self) -> usize {
        self.layout().2
    }

    /// How many bytes `n_weights` have, if they are whole blocks and the size fits 64 bits.
    ///
    /// ```
    /// use ggweb_gguf::GgmlType;
    /// assert_eq!(GgmlType::Q4_0.n_bytes(64), Some(36));
    /// assert_eq!(GgmlType::Q4_0.n_bytes(65), None);
    /// ```
    pub const fn n_bytes(self, n_weights: u64) -> Option<u64> {
        let block_size = self.block_size() as u64;
        if !n_weights.is_multiple_of(block_size) {
            return None;
        }
        (n_weights / block_size).checked_mul(self.block_bytes() as u64)
    }
}

impl fmt::Display for GgmlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_ordered() {
        for pair in GgmlType::ALL.windows(2) {
            assert!(
                pair[0].id() < pair[1].id(),
                "{} before {}",
                pair[0],
                pair[1]
            );
        }
        for &ggml_type in GgmlType::ALL {
            assert_eq!(GgmlType::from_id(ggml_type.id()), Some(ggml_type));
            assert_eq!(format!("{ggml_type:?}"), ggml_type.name());
        }
    }

    #[test]
    fn sizes_of_rows() {
        assert_eq!(GgmlType::Q4_K.n_bytes(512), Some(288));
        assert_eq!(GgmlType::F64.n_bytes(u64::MAX / 4), None);
        assert_eq!(GgmlType::F32.n_bytes(0), Some(0));
    }
}
