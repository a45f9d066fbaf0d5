//! The characters that stand for bytes in the texts of byte-level vocabularies.
//!
//! # Source
//! GPT-2, `bytes_to_unicode`: what prints stands for itself, the others are numbered from U+0100 on.

use crate::utf8;

/// The byte that a character stands for.
fn byte(code: u32) -> Option<u8> {
    let byte = match code {
        0x21..=0x7E | 0xA1..=0xAC | 0xAE..=0xFF => code,
        0x100..=0x120 => code - 0x100,
        0x121..=0x142 => code - 0x121 + 0x7F,
        0x143 => 0xAD,
        _ => return None,
    };
    Some(byte as u8)
}

/// Appends the bytes that the characters stand for; false if one stands for none.
pub(crate) fn to_bytes(text: &[u8], out: &mut Vec<u8>) -> bool {
    let mut pos = 0;
    while pos < text.len() {
        if let printing @ 0x21..=0x7E = text[pos] {
            out.push(printing);
            pos += 1;
            continue;
        }
        let Some((code, len)) = utf8::decode(text, pos) else {
            return false;
        };
        let Some(byte) = byte(code) else {
            return false;
        };
        out.push(byte);
        pos += len;
    }
    true
}

/// Appends what the token shows as: its bytes, with llama.cpp's remark for each character that stands for none.
pub(crate) fn push_piece(text: &[u8], out: &mut Vec<u8>) {
    if to_bytes(text, out) {
        return;
    }
    out.clear();
    let (clean, _) = utf8::clean(text, false);
    let mut pos = 0;
    while let Some((code, len)) = utf8::decode(&clean, pos) {
        match byte(code) {
            Some(byte) => out.push(byte),
            None => {
                out.extend_from_slice(b"[UNK_BYTE_0x");
                for byte in &clean[pos..pos + len] {
                    out.extend_from_slice(format!("{byte:02x}").as_bytes());
                }
                out.extend_from_slice(text);
                out.push(b']');
            }
        }
        pos += len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_one_character() {
        let mut bytes: Vec<u8> = (0..0x200).filter_map(byte).collect();
        assert_eq!(bytes.len(), 256);
        bytes.sort_unstable();
        assert_eq!(bytes, (0..=255).collect::<Vec<u8>>());
    }

    #[test]
    fn words_and_other_texts() {
        let bytes = |text: &str| {
            let mut bytes = Vec::new();
            to_bytes(text.as_bytes(), &mut bytes).then_some(bytes)
        };
        assert_eq!(bytes("ĠĊÃ©").as_deref(), Some(" \né".as_bytes()));
        assert_eq!((bytes("a b"), bytes("你")), (None, None));
        let piece = |text: &str| {
            let mut piece = Vec::new();
            push_piece(text.as_bytes(), &mut piece);
            piece
        };
        assert_eq!(piece("Ġa"), b" a");
        assert_eq!(piece("a你"), "a[UNK_BYTE_0xe4bda0a你]".as_bytes());
    }
}
