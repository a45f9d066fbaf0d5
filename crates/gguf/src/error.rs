//! Everything that can be wrong with a file.

use crate::GgmlType;

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

/// What is wrong with a GGUF file, and where: a byte offset in the file, a key, or a tensor's name.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file does not begin with `GGUF`.
    #[error(
        "not a GGUF file: expected the magic \"GGUF\" at byte 0, found \"{}\"; check that the download is the model and \
         not a web page or a Git LFS pointer",
        .found.escape_ascii()
    )]
    BadMagic {
        /// The first bytes of the file.
        found: [u8; 4],
    },
    /// The file was written for a big-endian machine.
    #[error(
        "this GGUF file is big-endian (version {version} with its bytes swapped, at byte 4); only little-endian files \
         are supported: use the file made for x86 or ARM"
    )]
    BigEndian {
        /// The version, bytes put in order.
        version: u32,
    },
    /// The file's version is neither 2 nor 3.
    #[error(
        "GGUF version {version} (at byte 4) is not supported: expected 2 or 3; convert the model again"
    )]
    UnsupportedVersion {
        /// The version found.
        version: u32,
    },
    /// The file ends inside its header.
    #[error(
        "the file is truncated: {what} at byte {offset} needs at least {needed} bytes of file, but it has {file_len}; \
         download it again"
    )]
    Truncated {
        /// What was being read.
        what: &'static str,
        /// Where it begins.
        offset: u64,
        /// How long the file must be at least, for what its header has promised so far.
        needed: u64,
        /// How long the file is.
        file_len: u64,
    },
    /// A count or length is larger than any real file's.
    #[error(
        "{what} at byte {offset} is {found}, more than the limit of {limit}; the file is malformed"
    )]
    OverLimit {
        /// What is too large.
        what: &'static str,
        /// Where it stands.
        offset: u64,
        /// The value found.
        found: u64,
        /// The largest value accepted, a constant of [`crate::limits`].
        limit: u64,
    },
    /// A metadata value has a type that does not exist.
    #[error("metadata \"{key}\": unknown value type {id} at byte {offset}; expected 0 to 12")]
    UnknownValueType {
        /// The entry's key.
        key: String,
        /// The type's id found.
        id: u32,
        /// Where it stands.
        offset: u64,
    },
    /// A boolean is neither 0 nor 1.
    #[error("metadata \"{key}\": expected 0 or 1 for a bool at byte {offset}, found {found}")]
    BadBool {
        /// The entry's key.
        key: String,
        /// The byte found.
        found: u8,
        /// Where it stands.
        offset: u64,
    },
    /// A key or a tensor's name is not UTF-8.
    #[error("{what} at byte {offset} is not UTF-8")]
    NotUtf8 {
        /// What should have been text.
        what: &'static str,
        /// Where its text begins.
        offset: u64,
    },
    /// A metadata key stands twice.
    #[error("metadata \"{key}\" stands twice, the second time at byte {offset}")]
    DuplicateKey {
        /// The key.
        key: String,
        /// Where the second begins.
        offset: u64,
    },
    /// `general.alignment` is not a power of two within limits.
    #[error("metadata \"general.alignment\": expected a power of two up to {limit}, found {found}")]
    BadAlignment {
        /// The alignment found.
        found: u64,
        /// The largest accepted.
        limit: u64,
    },
    /// Two tensors have the same name.
    #[error("tensor \"{tensor}\" stands twice, the second time at byte {offset}")]
    DuplicateTensor {
        /// The name.
        tensor: String,
        /// Where the second begins.
        offset: u64,
    },
    /// A tensor's type id is none of ggml's.
    #[error(
        "tensor \"{tensor}\": unknown ggml type {id} at byte {offset}; the file is newer than this program, or malformed"
    )]
    UnknownGgmlType {
        /// The tensor's name.
        tensor: String,
        /// The id found.
        id: u32,
        /// Where it stands.
        offset: u64,
    },
    /// A tensor has a dimension of 0.
    #[error("tensor \"{tensor}\": dimension {dim_idx} of shape {shape:?} is 0")]
    ZeroDim {
        /// The tensor's name.
        tensor: String,
        /// Which dimension, outermost first.
        dim_idx: usize,
        /// The shape, outermost first.
        shape: Vec<u64>,
    },
    /// A tensor's size does not fit 64 bits.
    #[error("tensor \"{tensor}\": the size of shape {shape:?} in {ggml_type} overflows 64 bits")]
    SizeOverflow {
        /// The tensor's name.
        tensor: String,
        /// The shape, outermost first.
        shape: Vec<u64>,
        /// The tensor's type.
        ggml_type: GgmlType,
    },
    /// A tensor's rows are not whole blocks.
    #[error("tensor \"{tensor}\": rows of {n_in} weights are not whole {ggml_type} blocks of {}", .ggml_type.block_size())]
    PartialBlock {
        /// The tensor's name.
        tensor: String,
        /// The row length, in weights.
        n_in: u64,
        /// The tensor's type.
        ggml_type: GgmlType,
    },
    /// A tensor does not begin at a multiple of the alignment.
    #[error(
        "tensor \"{tensor}\": offset {offset} in the data is not a multiple of the alignment {alignment}"
    )]
    Unaligned {
        /// The tensor's name.
        tensor: String,
        /// The offset as the file has it, from the start of the tensor data.
        offset: u64,
        /// The file's alignment.
        alignment: u64,
    },
    /// A tensor ends behind the end of the file.
    #[error(
        "tensor \"{tensor}\": its {n_bytes} bytes at offset {offset} end behind the file's {file_len} bytes; the file is \
         truncated or malformed"
    )]
    OutOfFile {
        /// The tensor's name.
        tensor: String,
        /// Where it begins in the file; saturates at 2^64 - 1.
        offset: u64,
        /// How many bytes it has.
        n_bytes: u64,
        /// How long the file is; 2^64 - 1 if not known.
        file_len: u64,
    },
    /// Two tensors share bytes.
    #[error(
        "tensor \"{tensor}\" at byte {offset} overlaps tensor \"{other}\", which ends at byte {other_end}; the file is \
         malformed"
    )]
    Overlap {
        /// The later tensor's name.
        tensor: String,
        /// Where it begins in the file.
        offset: u64,
        /// The earlier tensor's name.
        other: String,
        /// Where that one ends.
        other_end: u64,
    },
    /// A metadata value has another type than the reader expects.
    #[error("metadata \"{key}\": expected {expected}, found {found}")]
    WrongType {
        /// The key.
        key: String,
        /// The type expected.
        expected: &'static str,
        /// The type found.
        found: &'static str,
    },
    /// A metadata number does not fit the type that the reader expects.
    #[error("metadata \"{key}\": {found} does not fit {expected}")]
    OutOfRange {
        /// The key.
        key: String,
        /// The type expected.
        expected: &'static str,
        /// The number found.
        found: i128,
    },
}
