//! SentencePiece's table of characters to be replaced before a text is encoded.

use ggweb_gguf::{Array, Metadata, Value};

use crate::{Error, Result};

const CHARSMAP: &str = "tokenizer.ggml.precompiled_charsmap";

/// Sequences of bytes and what replaces them.
///
/// # Source
/// SentencePiece's `precompiled_charsmap` as llama.cpp reads it: a length, a double array of so many bytes, and
/// replacements that end with a zero.
pub(crate) struct Charsmap {
    nodes: Vec<u32>,
    replacements: Vec<u8>,
}

impl Charsmap {
    /// The table of a file, if it has one.
    ///
    /// # Errors
    /// If it is no array of bytes, or shorter than it says.
    pub(crate) fn from_metadata(metadata: &Metadata) -> Result<Option<Self>> {
        let bytes: Vec<u8> = match metadata.get(CHARSMAP) {
            None => return Ok(None),
            Some(Value::Array(Array::U8(bytes))) => bytes.clone(),
            Some(Value::Array(Array::I8(bytes))) => bytes.iter().map(|byte| *byte as u8).collect(),
            Some(_) => {
                return Err(Error::BadCharsmap {
                    needed: 5,
                    found: 0,
                });
            }
        };
        if bytes.is_empty() {
            return Ok(None);
        }
        let found = bytes.len();
        let short = |needed: usize| Error::BadCharsmap { needed, found };
        let (len, rest) = bytes.split_first_chunk::<4>().ok_or(short(5))?;
        let len = u32::from_le_bytes(*len) as usize;
        let (nodes, replacements) = match rest.split_at_checked(len) {
            Some((nodes, replacements)) if !replacements.is_empty() => (nodes, replacements),
            _ => return Err(short(len.saturating_add(5))),
        };
        let (nodes, _) = nodes.as_chunks::<4>();
        Ok(Some(Self {
            nodes: nodes.iter().map(|node| u32::from_le_bytes(*node)).collect(),
            replacements: replacements.to_vec(),
        }))
    }

    /// The longest sequence that `text` begins with and is replaced: its length and the replacement.
    ///
    /// A table that points outside of itself replaces nothing there.
    pub(crate) fn replace(&self, text: &[u8]) -> Option<(usize, &[u8])> {
        let mut longest = None;
        let mut node = base(self.node(0)?);
        for (idx, &byte) in text.iter().enumerate() {
            if byte == 0 {
                break;
            }
            node ^= u32::from(byte);
            let Some(entry) = self
                .node(node)
                .filter(|entry| entry & 0x8000_00FF == u32::from(byte))
            else {
                break;
            };
            node ^= base(entry);
            if entry >> 8 & 1 == 1 {
                let offset = self.node(node).map(|leaf| leaf & 0x7FFF_FFFF);
                longest = offset.map(|offset| (idx + 1, offset)).or(longest);
            }
        }
        let (len, offset) = longest?;
        let rest = self.replacements.get(offset as usize..)?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        Some((len, &rest[..end]))
    }

    fn node(&self, idx: u32) -> Option<u32> {
        self.nodes.get(idx as usize).copied()
    }
}

/// Where the children of a node lie.
fn base(entry: u32) -> u32 {
    entry >> 10 << ((entry & 1 << 9) >> 6)
}
