//! Weight formats: the bytes of a GGUF file, their values, and the planes that the GPU reads.

mod planes;
mod rows;

pub use planes::{Planes, repack, unpack};
pub use rows::{dequantize, is_supported, row_bytes};

use ggweb_gguf::GgmlType;

macro_rules! twins {
    ($(
        $variant:ident = $id:literal, $block_size:literal, $block_bytes:literal
        $(=> $stem:ident $kind:ident $p0:tt $p1:tt $p2:tt $($grid:ident)?)?;
    )*) => {
        $($(mod $stem;)?)*

        /// The values of whole blocks.
        fn dequantize_row(ggml_type: GgmlType, bytes: &[u8], y: &mut [f32]) {
            match ggml_type {
                $($(GgmlType::$variant => $stem::dequantize_row(bytes, y),)?)*
                other => panic!("{} has no CPU twin", other.name()),
            }
        }
    };
}

ggweb_gguf::for_each_ggml_type!(twins);

/// The f16 at byte `at`.
fn half_at(bytes: &[u8], at: usize) -> f32 {
    half::f16::from_le_bytes([bytes[at], bytes[at + 1]]).to_f32()
}

/// The u16 at byte `at`.
fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

/// The u32 at byte `at`.
fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
