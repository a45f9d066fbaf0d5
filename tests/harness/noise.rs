//! Numbers that look random and are the same on every run.

use ggweb_gguf::GgmlType;
use ggweb_reference::formats::{dequantize, row_bytes};
use half::{bf16, f16};

/// Words of a counter's hash.
pub fn words(seed: u32) -> impl Iterator<Item = u32> {
    // The finalizer of MurmurHash3: every bit of the counter reaches every bit of the result.
    (seed << 20..).map(|i| {
        let i = (i ^ i >> 16).wrapping_mul(0x85eb_ca6b);
        let i = (i ^ i >> 13).wrapping_mul(0xc2b2_ae35);
        i ^ i >> 16
    })
}

/// `n` bytes of any bits.
#[must_use]
pub fn bytes(seed: u32, n: usize) -> Vec<u8> {
    words(seed)
        .map(|word| word.to_le_bytes()[0])
        .take(n)
        .collect()
}

/// `n` values in -1..1.
#[must_use]
pub fn f32s(seed: u32, n: usize) -> Vec<f32> {
    #[expect(clippy::cast_precision_loss, reason = "24 bits fit")]
    let unit = |word: u32| (word >> 8) as f32 / (1 << 23) as f32 - 1.0;
    words(seed).take(n).map(unit).collect()
}

/// `n` values whose int8 does not hang on the last bits of a scale: in each block of 32 they lie nearer to a multiple of
/// a 127th of the largest than rounding could move them, on one side or the other.
#[must_use]
pub fn steps(seed: u32, n: usize) -> Vec<f32> {
    let value = |(i, unit): (usize, f32)| {
        // A power of two for each block: blocks have scales of their own.
        let scale = [0.5, 1.0, 0.25][i / 32 % 3];
        if i % 32 == 7 {
            return 127.0 * scale;
        }
        let step = (unit * 126.0).round();
        let beside = if i % 2 == 0 { 0.375 } else { -0.25 };
        (step + beside) * scale
    };
    f32s(seed, n).into_iter().enumerate().map(value).collect()
}

/// The bytes of rows of a type, their values in -4..4: random bits wherever a block has them.
#[must_use]
pub fn rows(seed: u32, ggml_type: GgmlType, n_row: usize, n_in: usize) -> Vec<u8> {
    let n_weight = n_row * n_in;
    let values = || f32s(seed, n_weight).into_iter();
    match ggml_type {
        GgmlType::F32 => values().flat_map(f32::to_le_bytes).collect(),
        GgmlType::F16 => values()
            .flat_map(|x| f16::from_f32(x).to_le_bytes())
            .collect(),
        GgmlType::BF16 => values()
            .flat_map(|x| bf16::from_f32(x).to_le_bytes())
            .collect(),
        _ => {
            let n_byte = row_bytes(ggml_type, n_in) * n_row;
            let mut bits = words(seed).map(|word| word.to_le_bytes()[0]);
            let mut bytes = Vec::with_capacity(n_byte);
            while bytes.len() < n_byte {
                // Which bits are scales only the format knows: blocks are drawn until one has usual ones.
                let block: Vec<u8> = bits.by_ref().take(ggml_type.block_bytes()).collect();
                let values = dequantize(ggml_type, &block, ggml_type.block_size());
                let largest = values.iter().fold(0.0, |max: f32, x| max.max(x.abs()));
                if values.iter().all(|x| x.is_finite()) && (1e-2..4.0).contains(&largest) {
                    bytes.extend(block);
                }
            }
            bytes
        }
    }
}
