use half::f16;

use super::{Planes, pack_scales, unpack_scale, words};

/// Bytes of a block of 32 weights: an f16 scale and 32 signed bytes.
const BLOCK_BYTES: usize = 34;

/// `y = d * q`.
///
/// # Source
/// ggml's `block_q8_0` and `dequantize_row_q8_0`.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for (b, block) in bytes.chunks_exact(BLOCK_BYTES).enumerate() {
        let d = f16::from_le_bytes([block[0], block[1]]).to_f32();
        for i in 0..32 {
            y[b * 32 + i] = d * f32::from(block[2 + i].cast_signed());
        }
    }
}

/// Eight words of quants for each block, unchanged; scales apart.
pub(super) fn repack_row(bytes: &[u8], planes: &mut Planes) {
    for block in bytes.chunks_exact(BLOCK_BYTES) {
        planes.quants.extend(words(&block[2..]));
    }
    pack_scales(bytes, BLOCK_BYTES, &mut planes.scales);
}

/// The blocks of a row out of its planes.
pub(super) fn unpack_row(quants: &[u32], scales: &[u32], bytes: &mut Vec<u8>) {
    for (b, block) in quants.chunks_exact(8).enumerate() {
        bytes.extend(unpack_scale(scales, b));
        bytes.extend(block.iter().flat_map(|word| word.to_le_bytes()));
    }
}
