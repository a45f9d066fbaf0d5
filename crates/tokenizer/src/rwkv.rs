//! RWKV: the longest token at each place.

use crate::output::Output;
use crate::trie::Trie;
use crate::vocab::Vocab;
use crate::{Error, Result};

/// The tokens of a file.
pub(crate) struct Rwkv {
    tokens: Trie,
}

impl Rwkv {
    pub(crate) fn new(vocab: &Vocab) -> Self {
        let texts: Vec<_> = vocab
            .texts()
            .map(|(text, id)| (unescape(text), id))
            .collect();
        Self {
            tokens: Trie::new(texts.iter().map(|(text, id)| (text.as_slice(), *id))),
        }
    }

    /// Appends the ids of a text; any bytes will do. Guarded, it gives none that steers the model.
    ///
    /// # Errors
    /// [`Error::NoByteToken`] for a byte that begins no token, if there is no unknown token.
    pub(crate) fn encode(
        &self,
        vocab: &Vocab,
        text: &[u8],
        is_guarded: bool,
        out: &mut Output,
    ) -> Result<()> {
        let mut pos = 0;
        while pos < text.len() {
            let longest = self
                .tokens
                .prefixes(&text[pos..])
                .filter(|(_, id)| !is_guarded || !vocab.steers(*id))
                .last();
            let (len, id) = match (longest, vocab.special.unk) {
                (Some(longest), _) => longest,
                (None, Some(unk)) => (1, unk),
                (None, None) => return Err(Error::NoByteToken { byte: text[pos] }),
            };
            out.push(id, pos..pos + len);
            pos += len;
        }
        Ok(())
    }
}

/// The bytes of a token's text, in which `\n`, `\t`, `\r`, `\xHH` and a backslash before anything else are escapes.
///
/// # Source
/// llama.cpp, `llama_unescape_rwkv_token`.
pub(crate) fn unescape(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b't') => out.push(b'\t'),
            Some(b'n') => out.push(b'\n'),
            Some(b'r') => out.push(b'\r'),
            Some(b'x') => {
                let mut digit =
                    || Some(char::from(bytes.next()?).to_digit(16).unwrap_or_default() as u8);
                if let (Some(high), Some(low)) = (digit(), digit()) {
                    out.push(high << 4 | low);
                }
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        assert_eq!(unescape(br"a\n\t\r\\\'\x0a\xFFb"), b"a\n\t\r\\'\x0a\xFFb");
        assert_eq!(unescape(br"\x4"), b"");
        assert_eq!(unescape(br"x\"), b"x");
        assert_eq!(unescape("\\é".as_bytes()), "é".as_bytes());
    }
}
