//! Reads metadata values.

use crate::limits::{ARRAY_DEPTH_MAX, ARRAY_LEN_MAX};
use crate::reader::{ReadResult, Reader, within};
use crate::{Array, Error, Strings, Value};

/// The fewest bytes of a string: its length.
const STRING_BYTES_MIN: u64 = 8;

/// The fewest bytes of an array: its element type and its length.
const ARRAY_BYTES_MIN: u64 = 4 + 8;

/// Reads the type and the value of the entry called `key`.
pub(crate) fn read_value(reader: &mut Reader<'_>, key: &str) -> ReadResult<Value> {
    let offset = reader.pos();
    let id = reader.u32("the type of a metadata value")?;
    Ok(match id {
        0 => Value::U8(reader.scalar(u8::from_le_bytes)?),
        1 => Value::I8(reader.scalar(i8::from_le_bytes)?),
        2 => Value::U16(reader.scalar(u16::from_le_bytes)?),
        3 => Value::I16(reader.scalar(i16::from_le_bytes)?),
        4 => Value::U32(reader.scalar(u32::from_le_bytes)?),
        5 => Value::I32(reader.scalar(i32::from_le_bytes)?),
        6 => Value::F32(reader.scalar(f32::from_le_bytes)?),
        7 => Value::Bool(read_bools(reader, key, 1)?[0]),
        8 => Value::String(reader.string()?.to_vec()),
        9 => Value::Array(read_array(reader, key, 1)?),
        10 => Value::U64(reader.scalar(u64::from_le_bytes)?),
        11 => Value::I64(reader.scalar(i64::from_le_bytes)?),
        12 => Value::F64(reader.scalar(f64::from_le_bytes)?),
        _ => {
            return Err(Error::UnknownValueType {
                key: key.to_owned(),
                id,
                offset,
            }
            .into());
        }
    })
}

fn read_array(reader: &mut Reader<'_>, key: &str, depth: u32) -> ReadResult<Array> {
    let offset = reader.pos();
    within(
        depth.into(),
        ARRAY_DEPTH_MAX.into(),
        "the nesting of arrays",
        offset,
    )?;
    let id = reader.u32("the element type of an array")?;
    let n = reader.count("the length of an array", ARRAY_LEN_MAX)?;
    Ok(match id {
        0 => Array::U8(reader.scalars(n, u8::from_le_bytes)?),
        1 => Array::I8(reader.scalars(n, i8::from_le_bytes)?),
        2 => Array::U16(reader.scalars(n, u16::from_le_bytes)?),
        3 => Array::I16(reader.scalars(n, i16::from_le_bytes)?),
        4 => Array::U32(reader.scalars(n, u32::from_le_bytes)?),
        5 => Array::I32(reader.scalars(n, i32::from_le_bytes)?),
        6 => Array::F32(reader.scalars(n, f32::from_le_bytes)?),
        7 => Array::Bool(read_bools(reader, key, n)?),
        8 => Array::String(read_strings(reader, n)?),
        9 => Array::Array(read_arrays(reader, key, n, depth)?),
        10 => Array::U64(reader.scalars(n, u64::from_le_bytes)?),
        11 => Array::I64(reader.scalars(n, i64::from_le_bytes)?),
        12 => Array::F64(reader.scalars(n, f64::from_le_bytes)?),
        _ => {
            return Err(Error::UnknownValueType {
                key: key.to_owned(),
                id,
                offset,
            }
            .into());
        }
    })
}

fn read_bools(reader: &mut Reader<'_>, key: &str, n: u64) -> ReadResult<Vec<bool>> {
    let start = reader.pos();
    let bytes = reader.take(n, "a bool")?;
    match bytes.iter().position(|&byte| byte > 1) {
        None => Ok(bytes.iter().map(|&byte| byte == 1).collect()),
        Some(idx) => {
            let offset = start + idx as u64;
            Err(Error::BadBool {
                key: key.to_owned(),
                found: bytes[idx],
                offset,
            }
            .into())
        }
    }
}

fn read_strings(reader: &mut Reader<'_>, n: u64) -> ReadResult<Strings> {
    reader.promise(n * STRING_BYTES_MIN, "an array of strings")?;
    let mut strings = Strings::with_capacity(n as usize);
    for _ in 0..n {
        reader.redeem(STRING_BYTES_MIN);
        strings.push(reader.string()?);
    }
    Ok(strings)
}

fn read_arrays(reader: &mut Reader<'_>, key: &str, n: u64, depth: u32) -> ReadResult<Vec<Array>> {
    reader.promise(n * ARRAY_BYTES_MIN, "an array of arrays")?;
    let mut arrays = Vec::with_capacity(n as usize);
    for _ in 0..n {
        reader.redeem(ARRAY_BYTES_MIN);
        arrays.push(read_array(reader, key, depth + 1)?);
    }
    Ok(arrays)
}
