//! The header: magic, version, metadata, tensor table.

use crate::{GgmlType, Metadata, Result};

/// Everything before the tensor data, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The format's version: 2 or 3.
    pub version: u32,
    /// Tensors begin at multiples of this many bytes.
    pub alignment: u64,
    /// The key-value part.
    pub metadata: Metadata,
    /// The tensor table, in the file's order.
    pub tensors: Vec<TensorInfo>,
    /// Where the tensor data begins, in bytes from the start of the file.
    pub data_offset: u64,
    /// How long the file is at least: the end of the last tensor, or of the header if there are none.
    pub file_len_min: u64,
}

impl Header {
    /// The tensor called `name`, if there is one.
    pub fn tensor(&self, name: &str) -> Option<&TensorInfo> {
        self.tensors.iter().find(|tensor| tensor.name == name)
    }
}

/// One row of the tensor table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorInfo {
    /// The name, as `blk.0.attn_q.weight`.
    pub name: String,
    /// How the weights are stored.
    pub ggml_type: GgmlType,
    /// The shape, outermost first: a matrix is `[n_out, n_in]`, the reverse of the file's order.
    pub shape: Vec<u64>,
    /// Where the tensor begins, in bytes from the start of the file.
    pub offset: u64,
    /// How many bytes it has.
    pub n_bytes: u64,
}

/// What [`parse`] found in a prefix.
#[derive(Debug, Clone, PartialEq)]
pub enum Parsed {
    /// The prefix held the whole header.
    Header(Box<Header>),
    /// The prefix is too short.
    NeedMore {
        /// How many bytes from the start of the file the header has at least, by what it has promised so far.
        at_least: u64,
    },
}

/// Parses the header from a prefix of a file.
///
/// # Errors
/// If the file is malformed.
pub fn parse(_prefix: &[u8], _file_len: Option<u64>) -> Result<Parsed> {
    Ok(Parsed::NeedMore { at_least: 24 })
}
