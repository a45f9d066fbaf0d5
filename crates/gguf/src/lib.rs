//! GGUF files: bytes in; header, metadata and tensor table out.
//!
//! [`parse`] reads the header from a prefix of the file, so that a download can be parsed while it runs; it says how
//! many bytes it needs when the prefix is too short.
//! Nothing from the file is trusted: every length, count, offset and nesting is bounded by a constant of [`limits`], and
//! a malformed file is an [`Error`] that names the byte offset or the tensor.
//! This crate does no I/O and knows no GPU.
//!
//! ```
//! use ggweb_gguf::{GgmlType, Parsed, Writer, parse};
//!
//! let mut writer = Writer::new();
//! writer.set("general.architecture", "llama");
//! writer.tensor("output_norm.weight", GgmlType::F32, &[2], &[0; 8]);
//! let file = writer.to_vec();
//!
//! // Half of the header: the parser says how far to read.
//! let Parsed::NeedMore { at_least } = parse(&file[..40], None)? else { panic!("40 bytes are no header") };
//! assert!(at_least > 40);
//!
//! let Parsed::Header(header) = parse(&file, Some(file.len() as u64))? else { panic!("the file is whole") };
//! assert_eq!(header.metadata.str("general.architecture")?, Some("llama"));
//! assert_eq!(header.tensors[0].shape, [2]);
//! # Ok::<(), ggweb_gguf::Error>(())
//! ```
//!
//! # Source
//! `docs/gguf.md` of ggml: versions 2 and 3, little-endian.

mod error;
mod format;
mod ggml_type;
mod grid;
mod grid_tables;
mod header;
pub mod limits;
mod metadata;
mod parse_value;
mod reader;
mod tensor_info;
mod value;
mod writer;

pub use error::{Error, Result};
pub use format::{Format, Kind, Piece};
pub use ggml_type::GgmlType;
pub use grid::{FP4_VALUES, Grid, IQ4_VALUES};
pub use header::{Header, Parsed, parse};
pub use metadata::Metadata;
pub use tensor_info::TensorInfo;
pub use value::{Array, Strings, Value};
pub use writer::Writer;
