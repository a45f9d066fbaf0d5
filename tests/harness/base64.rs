/// Little-endian f32 values of a base64 text.
///
/// # Panics
/// If the text is not base64: goldens are our own test data.
#[must_use]
pub fn decode_f32s(text: &str) -> Vec<f32> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for four in text.trim_end_matches('=').as_bytes().chunks(4) {
        let mut bits = 0;
        for i in 0..4 {
            bits = bits << 6 | four.get(i).map_or(0, |&c| sextet(c));
        }
        bytes.extend(&bits.to_be_bytes()[1..four.len()]);
    }
    bytes
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect()
}

fn sextet(c: u8) -> u32 {
    u32::from(match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => panic!("{:?} is no base64", char::from(c)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_with_and_without_padding() {
        assert_eq!(decode_f32s("AACAPw=="), [1.0]);
        assert_eq!(decode_f32s("AACAPwAAIMH//39/"), [1.0, -10.0, f32::MAX]);
    }
}
