//! Writes headers byte by byte, malformed ones too.

use ggweb_gguf::{Error, Header, Parsed, parse};

/// A header being written; every method appends.
#[derive(Clone, Default)]
pub(crate) struct Raw(pub(crate) Vec<u8>);

impl Raw {
    /// Magic, version and counts.
    pub(crate) fn new(version: u32, n_tensors: u64, n_kv: u64) -> Self {
        Self(b"GGUF".to_vec()).u32(version).u64(n_tensors).u64(n_kv)
    }

    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn u32(self, value: u32) -> Self {
        self.bytes(&value.to_le_bytes())
    }

    pub(crate) fn u64(self, value: u64) -> Self {
        self.bytes(&value.to_le_bytes())
    }

    pub(crate) fn string(self, text: &[u8]) -> Self {
        self.u64(text.len() as u64).bytes(text)
    }

    /// A metadata key and the id of its value's type.
    pub(crate) fn key(self, key: &str, type_id: u32) -> Self {
        self.string(key.as_bytes()).u32(type_id)
    }

    /// A row of the tensor table; `dims` in the file's order.
    pub(crate) fn tensor(self, name: &str, dims: &[u64], type_id: u32, offset: u64) -> Self {
        let mut raw = self.string(name.as_bytes()).u32(dims.len() as u32);
        for &dim in dims {
            raw = raw.u64(dim);
        }
        raw.u32(type_id).u64(offset)
    }

    /// Tensor data behind the header: padding to 32 bytes, then `n_bytes`.
    pub(crate) fn data(mut self, n_bytes: usize) -> Self {
        let start = self.0.len().next_multiple_of(32);
        self.0.resize(start + n_bytes, 0);
        self
    }

    /// Parses these bytes as a whole file.
    pub(crate) fn parse(&self) -> Result<Header, Error> {
        match parse(&self.0, Some(self.0.len() as u64))? {
            Parsed::Header(header) => Ok(*header),
            Parsed::NeedMore { at_least } => panic!(
                "a whole file of {} bytes, and {at_least} asked",
                self.0.len()
            ),
        }
    }

    /// The message of the error that these bytes give as a whole file.
    pub(crate) fn message(&self) -> String {
        self.parse().expect_err("malformed").to_string()
    }
}
