//! Writes arrays of f32 as `.npy` files.
//!
//! # Source
//! `numpy.lib.format`, version 1.0.

use std::io::{self, Write};

/// The header's length is a multiple of this.
const ALIGNMENT: usize = 64;

/// Writes what stands before the numbers of a little-endian f32 array, outermost dimension first.
pub(crate) fn write_header(out: &mut impl Write, shape: &[usize]) -> io::Result<()> {
    let dims: Vec<String> = shape.iter().map(|dim| format!("{dim},")).collect();
    let dict = format!(
        "{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}",
        dims.join(" ")
    );
    let magic = b"\x93NUMPY\x01\x00";
    let unpadded = magic.len() + 2 + dict.len() + 1;
    let len = unpadded.next_multiple_of(ALIGNMENT) - magic.len() - 2;
    let len_field = u16::try_from(len).map_err(io::Error::other)?;
    out.write_all(magic)?;
    out.write_all(&len_field.to_le_bytes())?;
    writeln!(out, "{dict:width$}", width = len - 1)
}

/// Writes numbers of the array.
pub(crate) fn write_values(out: &mut impl Write, values: &[f32]) -> io::Result<()> {
    values
        .iter()
        .try_for_each(|value| out.write_all(&value.to_le_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_aligned_and_says_the_shape() {
        for (shape, text) in [(vec![32000], "(32000,)"), (vec![3, 512], "(3, 512,)")] {
            let mut out = Vec::new();
            write_header(&mut out, &shape).unwrap();
            assert_eq!(out.len() % ALIGNMENT, 0);
            assert_eq!(out[..8], *b"\x93NUMPY\x01\x00");
            assert_eq!(
                usize::from(u16::from_le_bytes([out[8], out[9]])),
                out.len() - 10
            );
            assert_eq!(out.last(), Some(&b'\n'));
            let dict = String::from_utf8_lossy(&out[10..]).into_owned();
            assert!(dict.contains(&format!("'shape': {text}")), "{dict}");
        }
    }
}
