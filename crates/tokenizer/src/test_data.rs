//! The shared test data, for tests of what is not public.

use std::io::{self, Write as _};
use std::path::Path;

use serde_json::Value;

/// A file of the shared tokenizer data, or a line that says how many checks were not made.
pub(crate) fn shared_json(file: &str, n_checks: usize) -> Option<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/tokenizers");
    if !folder.is_dir() {
        // Past the test runner, which hides what passing tests print.
        writeln!(
            io::stderr(),
            "skipped: {n_checks} checks of {file}, ../shared/data is not there"
        )
        .expect("standard error");
        return None;
    }
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

/// A list of `{"text": …}`, or of `{"text_b64": …}` where it is not UTF-8.
pub(crate) fn texts(list: &Value) -> Vec<Vec<u8>> {
    let bytes = |case: &Value| match case.get("text") {
        Some(text) => text.as_str().unwrap().as_bytes().to_vec(),
        None => decode_base64(case["text_b64"].as_str().unwrap()),
    };
    list.as_array().unwrap().iter().map(bytes).collect()
}

fn decode_base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut n_bits) = (0_u32, 0);
    for digit in text.trim_end_matches('=').bytes() {
        bits = bits << 6 | DIGITS.iter().position(|d| *d == digit).unwrap() as u32;
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            bytes.push((bits >> n_bits) as u8);
            bits &= (1 << n_bits) - 1;
        }
    }
    bytes
}
