use super::Planes;

/// Reads a row of little-endian f32.
pub(super) fn dequantize_row(bytes: &[u8], y: &mut [f32]) {
    for (i, four) in bytes.chunks_exact(4).enumerate() {
        y[i] = f32::from_le_bytes([four[0], four[1], four[2], four[3]]);
    }
}

/// One word for each weight, zeros up to a multiple of [`Planes::PAD`].
pub(super) fn repack_row(bytes: &[u8], planes: &mut Planes) {
    for four in bytes.chunks_exact(4) {
        planes
            .quants
            .push(u32::from_le_bytes([four[0], four[1], four[2], four[3]]));
    }
    while !planes.quants.len().is_multiple_of(Planes::PAD) {
        planes.quants.push(0);
    }
}

/// The bytes of a row of `n_in` weights out of its padded words.
pub(super) fn unpack_row(quants: &[u32], n_in: usize, bytes: &mut Vec<u8>) {
    for word in &quants[..n_in] {
        bytes.extend(word.to_le_bytes());
    }
}
