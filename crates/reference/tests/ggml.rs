//! The twins of all formats against ggml's own values, bit for bit.

use std::path::{Path, PathBuf};

use ggweb_gguf::GgmlType;
use ggweb_reference::formats::dequantize;

fn check(case: &str, ggml_type: GgmlType, raw: &[u8], want: &[u8]) {
    let got: Vec<u8> = dequantize(ggml_type, raw, want.len() / 4)
        .into_iter()
        .flat_map(f32::to_le_bytes)
        .collect();
    assert!(got == want, "{case}: {ggml_type} differs from ggml");
}

/// A line each: the type, random blocks, and what ggml's `to_float` makes of them, in hexadecimal.
#[test]
fn blocks_of_the_repository_have_the_bits_of_ggml() {
    let mut n_type = 0;
    for line in include_str!("data/blocks.txt").lines() {
        let [name, raw, want] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("three words: {line}");
        };
        let ggml_type = GgmlType::of_weights().find(|ggml_type| ggml_type.name() == name);
        let ggml_type = ggml_type.unwrap_or_else(|| panic!("{name} has no twin"));
        check("blocks.txt", ggml_type, &bytes(raw), &bytes(want));
        n_type += 1;
    }
    // An f32 is its own value.
    assert_eq!(n_type + 1, GgmlType::of_weights().count());
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = (0..hex.len()).step_by(2).map(|at| &hex[at..at + 2]);
    pairs
        .map(|pair| u8::from_str_radix(pair, 16).expect("two hexadecimal digits"))
        .collect()
}

#[test]
fn shared_rows_and_random_blocks_have_the_bits_of_ggml() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/quants/rows");
    let (mut ran, mut skipped) = (0, 0);
    for ggml_type in GgmlType::of_weights() {
        for row in ["row0", "row1", "fuzz"] {
            let path = |what: &str| folder.join(format!("{}.{row}.{what}.npy", ggml_type.name()));
            match (npy(path("raw")), npy(path("f32"))) {
                (Some(raw), Some(want)) => {
                    check(row, ggml_type, &raw, &want);
                    ran += 1;
                }
                // Plain numbers have no blocks to make up, and of f32 there is nothing to compare.
                _ if folder.is_dir() => {
                    let plain = ggml_type.block_size() == 1
                        && (row == "fuzz" || ggml_type == GgmlType::F32);
                    assert!(plain, "{} is not there", path("raw").display());
                }
                _ => skipped += 1,
            }
        }
    }
    eprintln!("rows against ggml: {ran} checks");
    if skipped > 0 {
        eprintln!("skipped: {skipped} checks, ../shared is not there");
    }
}

/// The values' bytes of a `NumPy` file of version 1.
fn npy(path: PathBuf) -> Option<Vec<u8>> {
    let file = std::fs::read(path).ok()?;
    let header = usize::from(u16::from_le_bytes([file[8], file[9]]));
    Some(file[10 + header..].to_vec())
}
