//! What a header may hold at most. A real file stays far below each of these; a hostile one is refused by them before
//! anything large is allocated.

/// The default distance between tensor borders, in bytes, for files without `general.alignment`.
pub const ALIGNMENT_DEFAULT: u64 = 32;

/// The largest `general.alignment` accepted, in bytes.
pub const ALIGNMENT_MAX: u64 = 1 << 20;

/// The longest header accepted, in bytes: the largest known (vocabularies of 256k tokens with merges) are near 16 MiB.
pub const HEADER_BYTES_MAX: u64 = 256 << 20;

/// The most metadata entries accepted; real files have fewer than a hundred.
pub const N_KV_MAX: u64 = 1 << 16;

/// The most tensors accepted; the largest known models have a few thousand.
pub const N_TENSORS_MAX: u64 = 1 << 17;

/// The longest metadata key in bytes, as the format's text has it.
pub const KEY_BYTES_MAX: u64 = (1 << 16) - 1;

/// The longest string value or array element, in bytes.
pub const STRING_BYTES_MAX: u64 = 16 << 20;

/// The most elements of one array; the largest known vocabularies have half a million merges.
pub const ARRAY_LEN_MAX: u64 = 1 << 24;

/// How deep arrays may nest: 1 is an array of scalars. ggml itself reads no nested arrays at all.
pub const ARRAY_DEPTH_MAX: u32 = 4;

/// The longest tensor name in bytes. ggml's default is 63, but it is a build option and longer names are in use.
pub const TENSOR_NAME_BYTES_MAX: u64 = 255;

/// The most dimensions of a tensor, as in ggml.
pub const N_DIMS_MAX: u32 = 4;
