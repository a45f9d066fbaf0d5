use half::f16;

use super::Planes;

/// Reads a row of little-endian f16.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for (i, two) in bytes.chunks_exact(2).enumerate() {
        y[i] = f16::from_le_bytes([two[0], two[1]]).to_f32();
    }
}

/// Two weights in each word, the earlier in the low half, zeros up to a multiple of [`Planes::PAD`].
pub(super) fn repack_row(bytes: &[u8], planes: &mut Planes) {
    let half = |i: usize| match bytes.get(2 * i..2 * i + 2) {
        Some(two) => u32::from(u16::from_le_bytes([two[0], two[1]])),
        None => 0,
    };
    let n_in = bytes.len() / 2;
    for i in (0..n_in.next_multiple_of(Planes::PAD)).step_by(2) {
        planes.quants.push(half(i) | half(i + 1) << 16);
    }
}

/// The bytes of a row of `n_in` weights out of its padded words.
pub(super) fn unpack_row(quants: &[u32], n_in: usize, bytes: &mut Vec<u8>) {
    for i in 0..n_in {
        let two = (quants[i / 2] >> (16 * (i % 2))) as u16;
        bytes.extend(two.to_le_bytes());
    }
}
