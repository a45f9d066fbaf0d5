//! The tensor table: names, types, shapes, and where the bytes are.

use crate::limits::{N_DIMS_MAX, TENSOR_NAME_BYTES_MAX};
use crate::reader::{ReadResult, Reader, within};
use crate::{Error, GgmlType, Result};

/// The fewest bytes of a row of the table: an empty name, no dimensions, a type and an offset.
pub(crate) const TENSOR_BYTES_MIN: u64 = 8 + 4 + 4 + 8;

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

/// Reads one row; its offset still counts from the start of the tensor data, see [`place`].
pub(crate) fn read_tensor(reader: &mut Reader<'_>) -> ReadResult<TensorInfo> {
    let name = reader.name("a tensor's name", TENSOR_NAME_BYTES_MAX)?;
    let shape = read_shape(reader)?;
    let type_offset = reader.pos();
    let id = reader.u32("a tensor's type")?;
    let Some(ggml_type) = GgmlType::from_id(id) else {
        return Err(Error::UnknownGgmlType {
            tensor: name,
            id,
            offset: type_offset,
        }
        .into());
    };
    let offset = reader.u64("a tensor's offset")?;
    let n_bytes = size(&name, ggml_type, &shape)?;
    Ok(TensorInfo {
        name,
        ggml_type,
        shape,
        offset,
        n_bytes,
    })
}

/// The dimensions, turned to outermost first.
fn read_shape(reader: &mut Reader<'_>) -> ReadResult<Vec<u64>> {
    let offset = reader.pos();
    let n_dims = reader.u32("a tensor's number of dimensions")?;
    within(
        n_dims.into(),
        N_DIMS_MAX.into(),
        "a tensor's number of dimensions",
        offset,
    )?;
    let mut shape = Vec::with_capacity(n_dims as usize);
    for _ in 0..n_dims {
        shape.push(reader.u64("a tensor's dimension")?);
    }
    shape.reverse();
    Ok(shape)
}

/// How many bytes a tensor has.
fn size(tensor: &str, ggml_type: GgmlType, shape: &[u64]) -> Result<u64> {
    let tensor = || tensor.to_owned();
    if let Some(dim_idx) = shape.iter().position(|&dim| dim == 0) {
        return Err(Error::ZeroDim {
            tensor: tensor(),
            dim_idx,
            shape: shape.to_vec(),
        });
    }
    let n_in = shape.last().copied().unwrap_or(1);
    if !n_in.is_multiple_of(ggml_type.block_size() as u64) {
        return Err(Error::PartialBlock {
            tensor: tensor(),
            n_in,
            ggml_type,
        });
    }
    let n_weights = shape
        .iter()
        .try_fold(1_u64, |product, &dim| product.checked_mul(dim));
    n_weights
        .and_then(|n_weights| ggml_type.n_bytes(n_weights))
        .ok_or_else(|| Error::SizeOverflow {
            tensor: tensor(),
            shape: shape.to_vec(),
            ggml_type,
        })
}

/// Turns a tensor's offset into one from the start of the file, and checks it.
pub(crate) fn place(
    tensor: &mut TensorInfo,
    data_offset: u64,
    alignment: u64,
    file_len: Option<u64>,
) -> Result<()> {
    if !tensor.offset.is_multiple_of(alignment) {
        return Err(Error::Unaligned {
            tensor: tensor.name.clone(),
            offset: tensor.offset,
            alignment,
        });
    }
    let file_len = file_len.unwrap_or(u64::MAX);
    let offset = tensor.offset.saturating_add(data_offset);
    match offset.checked_add(tensor.n_bytes) {
        Some(end) if end <= file_len => tensor.offset = offset,
        _ => {
            let (tensor, n_bytes) = (tensor.name.clone(), tensor.n_bytes);
            return Err(Error::OutOfFile {
                tensor,
                offset,
                n_bytes,
                file_len,
            });
        }
    }
    Ok(())
}

/// Checks that no two tensors share bytes.
pub(crate) fn check_overlaps(tensors: &[TensorInfo]) -> Result<()> {
    let mut by_offset: Vec<&TensorInfo> = tensors.iter().collect();
    by_offset.sort_by_key(|tensor| tensor.offset);
    for pair in by_offset.windows(2) {
        let (other, tensor) = (pair[0], pair[1]);
        let other_end = other.offset + other.n_bytes;
        if tensor.offset < other_end {
            return Err(Error::Overlap {
                tensor: tensor.name.clone(),
                offset: tensor.offset,
                other: other.name.clone(),
                other_end,
            });
        }
    }
    Ok(())
}
