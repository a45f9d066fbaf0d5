//! Text as characters, whatever its bytes are.

use std::borrow::Cow;

use crate::output::SourceMap;

/// U+FFFD, which stands for a byte that begins no character.
const REPLACEMENT: &[u8] = "\u{FFFD}".as_bytes();

/// The code point that begins at `pos` and its length in bytes.
///
/// Overlong forms, surrogates and what lies above U+10FFFF count as characters, as in llama.cpp.
///
/// # Source
/// llama.cpp, `unicode_cpt_from_utf8`.
pub(crate) fn decode(text: &[u8], pos: usize) -> Option<(u32, usize)> {
    let first = u32::from(*text.get(pos)?);
    if first < 0x80 {
        return Some((first, 1));
    }
    let continuation = |idx: usize| match text.get(pos + idx) {
        Some(&byte) if byte & 0xC0 == 0x80 => Some(u32::from(byte & 0x3F)),
        _ => None,
    };
    match first {
        0xC0..=0xDF => Some(((first & 0x1F) << 6 | continuation(1)?, 2)),
        0xE0..=0xEF => {
            let high = (first & 0xF) << 12 | continuation(1)? << 6;
            Some((high | continuation(2)?, 3))
        }
        0xF0..=0xF7 => {
            let high = (first & 7) << 18 | continuation(1)? << 12 | continuation(2)? << 6;
            Some((high | continuation(3)?, 4))
        }
        _ => None,
    }
}

/// Appends the bytes of a code point; surrogates have three.
pub(crate) fn push_char(code: u32, out: &mut Vec<u8>) {
    let tail = |shift: u32| 0x80 | (code >> shift & 0x3F) as u8;
    match code {
        0..=0x7F => out.push(code as u8),
        0x80..=0x7FF => out.extend([0xC0 | (code >> 6) as u8, tail(0)]),
        0x800..=0xFFFF => out.extend([0xE0 | (code >> 12) as u8, tail(6), tail(0)]),
        _ => out.extend([0xF0 | (code >> 18) as u8, tail(12), tail(6), tail(0)]),
    }
}

/// How many bytes a character has whose first byte this is; the first byte alone decides, in malformed text too.
pub(crate) fn len_by_first(first: u8) -> usize {
    match first {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xFF => 4,
        _ => 1,
    }
}

/// The code point that begins at `pos` and its length in bytes, if it is one of Unicode's or a surrogate.
pub(crate) fn decode_unicode(text: &[u8], pos: usize) -> Option<(u32, usize)> {
    decode(text, pos).filter(|(code, _)| *code <= 0x10_FFFF)
}

/// The text with U+FFFD for each byte that begins no character of Unicode, and where its bytes come from.
pub(crate) fn clean(text: &[u8], wants_map: bool) -> (Cow<'_, [u8]>, SourceMap) {
    if std::str::from_utf8(text).is_ok() {
        return (Cow::Borrowed(text), SourceMap::Same);
    }
    rewrite(text, decode_unicode, wants_map, |code, out| {
        push_char(code, out);
    })
}

/// Reads the code point that begins at a place, and its length in bytes.
type Decode = fn(&[u8], usize) -> Option<(u32, usize)>;

/// The text with each character replaced by what `replace` appends for it, and where its bytes come from.
pub(crate) fn rewrite(
    text: &[u8],
    decode: Decode,
    wants_map: bool,
    mut replace: impl FnMut(u32, &mut Vec<u8>),
) -> (Cow<'_, [u8]>, SourceMap) {
    let mut out = Vec::with_capacity(text.len() + text.len() / 8);
    let mut map = SourceMap::new(wants_map);
    let mut pos = 0;
    while pos < text.len() {
        let len = match decode(text, pos) {
            Some((code, len)) => {
                replace(code, &mut out);
                len
            }
            None => {
                out.extend_from_slice(REPLACEMENT);
                1
            }
        };
        map.extend(out.len(), pos, len);
        pos += len;
    }
    map.finish(text.len());
    (Cow::Owned(out), map)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_come_back() {
        for code in [
            0, 0x7F, 0x80, 0x7FF, 0x800, 0xD800, 0xFFFF, 0x1_0000, 0x10_FFFF,
        ] {
            let mut bytes = Vec::new();
            push_char(code, &mut bytes);
            assert_eq!(decode(&bytes, 0), Some((code, bytes.len())));
            for cut in 1..bytes.len() {
                assert_eq!(decode(&bytes[..cut], 0), None, "{code:X} cut at {cut}");
            }
            if let Some(c) = char::from_u32(code) {
                assert_eq!(bytes, c.to_string().as_bytes());
                assert_eq!(len_by_first(bytes[0]), bytes.len());
            }
        }
    }

    #[test]
    fn bad_bytes_become_replacement_characters() {
        let cleaned = |text: &[u8]| String::from_utf8_lossy(&clean(text, false).0).into_owned();
        assert_eq!(cleaned(b"a\xFFb\xC3"), "a\u{FFFD}b\u{FFFD}");
        assert_eq!(cleaned(b"\xC3\x28"), "\u{FFFD}(");
        assert_eq!(cleaned(b"\xC0\xAF"), "/", "overlong forms are read");
        assert_eq!(cleaned(b"\xF4\x90\x80\x80"), "\u{FFFD}".repeat(4));
        assert_eq!(clean(b"\xED\xA0\x80\xFF", false).0[..3], *b"\xED\xA0\x80");
        assert!(matches!(clean("aé".as_bytes(), true).0, Cow::Borrowed(_)));
    }
}
