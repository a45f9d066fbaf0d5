//! The header: magic, version, metadata, tensor table.

use std::collections::HashSet;

use crate::limits::{ALIGNMENT_DEFAULT, ALIGNMENT_MAX, KEY_BYTES_MAX, N_KV_MAX, N_TENSORS_MAX};
use crate::parse_value::read_value;
use crate::reader::{ReadResult, Reader, Stop};
use crate::tensor_info::{TENSOR_BYTES_MIN, check_overlaps, place, read_tensor};
use crate::{Error, Metadata, Result, TensorInfo};

/// Every file begins with these bytes.
const MAGIC: [u8; 4] = *b"GGUF";

/// The bytes of version, tensor count and metadata count, behind the magic.
const COUNTS_BYTES: u64 = 4 + 8 + 8;

/// The fewest bytes of a metadata entry: an empty key, a type and a byte.
const KV_BYTES_MIN: u64 = 8 + 4 + 1;

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

/// What [`parse`] found in a prefix.
#[derive(Debug, Clone, PartialEq)]
pub enum Parsed {
    /// The prefix held the whole header.
    Header(Box<Header>),
    /// The prefix is too short.
    NeedMore {
        /// How many bytes from the start of the file the header has at least, by the counts read so far.
        ///
        /// Always more than the prefix had. Each call parses from the start, so a caller that receives bytes in small
        /// pieces does best to wait for the larger of this and twice what it had.
        at_least: u64,
    },
}

/// Parses the header from a prefix of a file, of `file_len` bytes if that is known.
///
/// The result does not depend on how the prefix grew: the first prefix that holds the whole header gives what the whole
/// file gives.
///
/// # Errors
/// If the file is malformed in its header, or if a tensor overlaps another or (where `file_len` is known) ends behind
/// the file's end. With an unknown length a truncated file is [`Parsed::NeedMore`].
pub fn parse(prefix: &[u8], file_len: Option<u64>) -> Result<Parsed> {
    match read_header(&mut Reader::new(prefix, file_len), file_len) {
        Ok(header) => Ok(Parsed::Header(Box::new(header))),
        Err(Stop::NeedMore(at_least)) => Ok(Parsed::NeedMore { at_least }),
        Err(Stop::Malformed(error)) => Err(error),
    }
}

fn read_header(reader: &mut Reader<'_>, file_len: Option<u64>) -> ReadResult<Header> {
    read_magic(reader)?;
    reader.promise(COUNTS_BYTES, "the header")?;
    reader.redeem(COUNTS_BYTES);
    let version = read_version(reader)?;
    let n_tensors = reader.count("the number of tensors", N_TENSORS_MAX)?;
    let n_kv = reader.count("the number of metadata entries", N_KV_MAX)?;

    reader.promise(n_tensors * TENSOR_BYTES_MIN, "the tensor table")?;
    let metadata = read_metadata(reader, n_kv)?;
    let alignment = alignment_of(&metadata)?;
    let mut tensors = read_tensors(reader, n_tensors)?;

    let header_end = reader.pos();
    let data_offset = header_end.next_multiple_of(alignment);
    for tensor in &mut tensors {
        place(tensor, data_offset, alignment, file_len)?;
    }
    check_overlaps(&tensors)?;
    let tensors_end = tensors
        .iter()
        .map(|tensor| tensor.offset + tensor.n_bytes)
        .max();
    let file_len_min = tensors_end.unwrap_or(header_end);
    Ok(Header {
        version,
        alignment,
        metadata,
        tensors,
        data_offset,
        file_len_min,
    })
}

fn read_magic(reader: &mut Reader<'_>) -> ReadResult<()> {
    let mut found = [0; 4];
    found.copy_from_slice(reader.take(4, "the magic")?);
    if found != MAGIC {
        return Err(Error::BadMagic { found }.into());
    }
    Ok(())
}

fn read_version(reader: &mut Reader<'_>) -> ReadResult<u32> {
    let version = reader.u32("the version")?;
    match version {
        2 | 3 => Ok(version),
        // A small number whose bytes stand in the other order.
        _ if version != 0 && version.trailing_zeros() >= 16 => Err(Error::BigEndian {
            version: version.swap_bytes(),
        }
        .into()),
        _ => Err(Error::UnsupportedVersion { version }.into()),
    }
}

fn read_metadata(reader: &mut Reader<'_>, n_kv: u64) -> ReadResult<Metadata> {
    reader.promise(n_kv * KV_BYTES_MIN, "the metadata")?;
    let mut metadata = Metadata::default();
    for _ in 0..n_kv {
        reader.redeem(KV_BYTES_MIN);
        let offset = reader.pos();
        let key = reader.name("a metadata key", KEY_BYTES_MAX)?;
        if metadata.get(&key).is_some() {
            return Err(Error::DuplicateKey { key, offset }.into());
        }
        let value = read_value(reader, &key)?;
        metadata.set(&key, value);
    }
    Ok(metadata)
}

fn alignment_of(metadata: &Metadata) -> Result<u64> {
    match metadata.u64("general.alignment")? {
        None => Ok(ALIGNMENT_DEFAULT),
        Some(found) if found.is_power_of_two() && found <= ALIGNMENT_MAX => Ok(found),
        Some(found) => Err(Error::BadAlignment {
            found,
            limit: ALIGNMENT_MAX,
        }),
    }
}

fn read_tensors(reader: &mut Reader<'_>, n_tensors: u64) -> ReadResult<Vec<TensorInfo>> {
    let mut tensors = Vec::with_capacity(n_tensors as usize);
    let mut names = HashSet::with_capacity(n_tensors as usize);
    for _ in 0..n_tensors {
        reader.redeem(TENSOR_BYTES_MIN);
        let offset = reader.pos();
        let tensor = read_tensor(reader)?;
        if !names.insert(tensor.name.clone()) {
            return Err(Error::DuplicateTensor {
                tensor: tensor.name,
                offset,
            }
            .into());
        }
        tensors.push(tensor);
    }
    Ok(tensors)
}
