//! ggml's tensor types and the sizes of their blocks.

use std::fmt;

/// How a tensor's weights are stored; variants are named as in ggml.
///
/// # Source
/// `enum ggml_type` in `ggml.h`; ids that ggml has withdrawn (4, 5, 31 to 33, 36 to 38) are not here.
#[expect(
    non_camel_case_types,
    reason = "one grep finds a format in ggml and here"
)]
#[expect(missing_docs, reason = "the names are the documentation")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u32)]
pub enum GgmlType {
    F32 = 0,
    F16 = 1,
    Q4_0 = 2,
    Q4_1 = 3,
    Q5_0 = 6,
    Q5_1 = 7,
    Q8_0 = 8,
    Q8_1 = 9,
    Q2_K = 10,
    Q3_K = 11,
    Q4_K = 12,
    Q5_K = 13,
    Q6_K = 14,
    Q8_K = 15,
    IQ2_XXS = 16,
    IQ2_XS = 17,
    IQ3_XXS = 18,
    IQ1_S = 19,
    IQ4_NL = 20,
    IQ3_S = 21,
    IQ2_S = 22,
    IQ4_XS = 23,
    I8 = 24,
    I16 = 25,
    I32 = 26,
    I64 = 27,
    F64 = 28,
    IQ1_M = 29,
    BF16 = 30,
    TQ1_0 = 34,
    TQ2_0 = 35,
    MXFP4 = 39,
    NVFP4 = 40,
    Q1_0 = 41,
    Q2_0 = 42,
}

impl GgmlType {
    /// Every type, in the order of ids.
    pub const ALL: [Self; 35] = [
        Self::F32,
        Self::F16,
        Self::Q4_0,
        Self::Q4_1,
        Self::Q5_0,
        Self::Q5_1,
        Self::Q8_0,
        Self::Q8_1,
        Self::Q2_K,
        Self::Q3_K,
        Self::Q4_K,
        Self::Q5_K,
        Self::Q6_K,
        Self::Q8_K,
        Self::IQ2_XXS,
        Self::IQ2_XS,
        Self::IQ3_XXS,
        Self::IQ1_S,
        Self::IQ4_NL,
        Self::IQ3_S,
        Self::IQ2_S,
        Self::IQ4_XS,
        Self::I8,
        Self::I16,
        Self::I32,
        Self::I64,
        Self::F64,
        Self::IQ1_M,
        Self::BF16,
        Self::TQ1_0,
        Self::TQ2_0,
        Self::MXFP4,
        Self::NVFP4,
        Self::Q1_0,
        Self::Q2_0,
    ];

    /// The type with ggml's number `id`, if there is one.
    ///
    /// ```
    /// use ggweb_gguf::GgmlType;
    /// assert_eq!(GgmlType::from_id(12), Some(GgmlType::Q4_K));
    /// assert_eq!(GgmlType::from_id(4), None); // Q4_2, withdrawn
    /// ```
    pub fn from_id(id: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|ggml_type| ggml_type.id() == id)
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

    /// Name, weights per block, bytes per block.
    const fn layout(self) -> (&'static str, usize, usize) {
        match self {
            Self::F32 => ("F32", 1, 4),
            Self::F16 => ("F16", 1, 2),
            Self::Q4_0 => ("Q4_0", 32, 18),
            Self::Q4_1 => ("Q4_1", 32, 20),
            Self::Q5_0 => ("Q5_0", 32, 22),
            Self::Q5_1 => ("Q5_1", 32, 24),
            Self::Q8_0 => ("Q8_0", 32, 34),
            Self::Q8_1 => ("Q8_1", 32, 36),
            Self::Q2_K => ("Q2_K", 256, 84),
            Self::Q3_K => ("Q3_K", 256, 110),
            Self::Q4_K => ("Q4_K", 256, 144),
            Self::Q5_K => ("Q5_K", 256, 176),
            Self::Q6_K => ("Q6_K", 256, 210),
            Self::Q8_K => ("Q8_K", 256, 292),
            Self::IQ2_XXS => ("IQ2_XXS", 256, 66),
            Self::IQ2_XS => ("IQ2_XS", 256, 74),
            Self::IQ3_XXS => ("IQ3_XXS", 256, 98),
            Self::IQ1_S => ("IQ1_S", 256, 50),
            Self::IQ4_NL => ("IQ4_NL", 32, 18),
            Self::IQ3_S => ("IQ3_S", 256, 110),
            Self::IQ2_S => ("IQ2_S", 256, 82),
            Self::IQ4_XS => ("IQ4_XS", 256, 136),
            Self::I8 => ("I8", 1, 1),
            Self::I16 => ("I16", 1, 2),
            Self::I32 => ("I32", 1, 4),
            Self::I64 => ("I64", 1, 8),
            Self::F64 => ("F64", 1, 8),
            Self::IQ1_M => ("IQ1_M", 256, 56),
            Self::BF16 => ("BF16", 1, 2),
            Self::TQ1_0 => ("TQ1_0", 256, 54),
            Self::TQ2_0 => ("TQ2_0", 256, 66),
            Self::MXFP4 => ("MXFP4", 32, 17),
            Self::NVFP4 => ("NVFP4", 64, 36),
            Self::Q1_0 => ("Q1_0", 128, 18),
            Self::Q2_0 => ("Q2_0", 64, 18),
        }
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
        for ggml_type in GgmlType::ALL {
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
