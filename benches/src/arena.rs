//! Buffers that all cells of a device share.
//!
//! A model reads all its weights between two uses of one matrix. So a cell does not run on one small matrix that stays
//! in a cache, but on many copies of it in turn, as many as a whole model of that type would fill, up to the working
//! set. Copies are ranges of two pools that are filled once, on the GPU; a matrix larger than a pool goes round in it.

use std::cell::Cell;

use ggweb_gguf::Kind;
use ggweb_gpu::buffer::BINDING_ALIGNMENT_BYTES;
use ggweb_gpu::plan::Grid;
use ggweb_gpu::shader::{Access, Shader};
use ggweb_gpu::weight::WeightPart;
use ggweb_gpu::{Binding, Buffer, BufferUse, Device, PlaneLayout, Recorder, Weight};

use crate::error::Result;

/// A pool holds the largest x: 512 columns of 10240.
const POOL_BYTES_MIN: u64 = 32 << 20;
/// The largest y: 32 columns of the logits of the largest vocabulary.
const SCRATCH_BYTES: u64 = 48 << 20;

const FILL_LANES: u32 = 64;
const FILL_GROUPS: u32 = 1024;

#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct FillParams {
    n_word: u32,
    keep: u32,
    add: u32,
    seed: u32,
}

/// A buffer whose ranges are handed out in turn.
#[derive(Debug)]
struct Pool {
    buffer: Buffer,
    cursor: Cell<u64>,
}

/// The shared buffers.
#[derive(Debug)]
pub(crate) struct Arena {
    /// Quants: any bits.
    bits: Pool,
    /// Scales, plain weights, activations, keys and values: small normal numbers as f32, as f16 and as bf16, since
    /// subnormal ones would time the host's slow path.
    floats: Pool,
    scratch: Buffer,
    working_set_bytes: u64,
    max_binding_bytes: u64,
}

impl Arena {
    /// Allocates the buffers; [`Arena::fill`] fills them.
    pub(crate) async fn new(device: &Device, working_set_bytes: u64) -> Result<Self> {
        let working_set_bytes = working_set_bytes.min(device.max_buffer_bytes());
        let pool_bytes = working_set_bytes.max(POOL_BYTES_MIN);
        let total = 2 * pool_bytes + SCRATCH_BYTES;
        let make = |device: &Device| {
            let pool = |label| Pool {
                buffer: device.buffer(label, pool_bytes, BufferUse::Storage),
                cursor: Cell::new(0),
            };
            (
                pool("bits"),
                pool("floats"),
                device.buffer("scratch", SCRATCH_BYTES, BufferUse::Storage),
            )
        };
        let (bits, floats, scratch) = device.guarded("the bench's pools", total, make).await?;
        Ok(Self {
            bits,
            floats,
            scratch,
            working_set_bytes,
            max_binding_bytes: device.max_binding_bytes().min(pool_bytes),
        })
    }

    /// Records the filling of the pools.
    pub(crate) fn fill(&self, rec: &mut Recorder<'_>) {
        let shader = Shader {
            name: "fill",
            parts: vec!["fill"],
            consts: vec![("WORKGROUP_SIZE", FILL_LANES)],
            bindings: vec![(0, Access::Uniform), (1, Access::ReadWrite)],
            f16: false,
            subgroups: false,
        };
        let pools = [
            (&self.bits, u32::MAX, 0),
            (&self.floats, 0x007f_03ff, 0x3c00_2c00),
        ];
        for (pool, keep, add) in pools {
            let mut begin = 0;
            while begin < pool.buffer.size_bytes() {
                let size = self.max_binding_bytes.min(pool.buffer.size_bytes() - begin);
                let params = FillParams {
                    n_word: (size / 4) as u32,
                    keep,
                    add,
                    seed: (begin / 4) as u32,
                };
                let range = pool.buffer.range(begin, size);
                rec.dispatch(&shader, &params, &[range], Grid::Linear(FILL_GROUPS));
                begin += size;
            }
        }
    }

    /// Bytes of weights that are cycled through at most.
    pub(crate) fn working_set_bytes(&self) -> u64 {
        self.working_set_bytes
    }

    /// Other bits than the last ones.
    pub(crate) fn bits(&self, size_bytes: u64) -> Binding {
        self.take(&self.bits, size_bytes)
    }

    /// Other numbers than the last ones.
    pub(crate) fn floats(&self, size_bytes: u64) -> Binding {
        self.take(&self.floats, size_bytes)
    }

    /// A range that kernels write.
    pub(crate) fn scratch(&self, offset_bytes: u64, size_bytes: u64) -> Binding {
        self.scratch.range(offset_bytes, size_bytes)
    }

    fn take(&self, pool: &Pool, size_bytes: u64) -> Binding {
        let end_max = self.working_set_bytes.max(size_bytes);
        let mut begin = pool.cursor.get();
        if begin + size_bytes > end_max {
            begin = 0;
        }
        let next = begin + size_bytes.next_multiple_of(BINDING_ALIGNMENT_BYTES);
        pool.cursor.set(next);
        pool.buffer.range(begin, size_bytes)
    }

    /// A matrix of `n_row` rows that lies elsewhere than the last one, split by rows where a binding is too small.
    /// `rows_per_output` is 2 where gates and ups are stacked.
    pub(crate) fn weight(&self, layout: PlaneLayout, n_row: u32, rows_per_output: u32) -> Weight {
        let row_bytes = layout.plane_row_bytes();
        let largest = row_bytes.iter().max().copied().unwrap_or(1);
        let output_bytes = largest * u64::from(rows_per_output);
        let outputs_max = (self.max_binding_bytes / output_bytes).max(1) as u32;
        let n_out = n_row / rows_per_output;
        let part = |row_begin: u32| {
            let outputs = outputs_max.min(n_out - row_begin);
            let n_row = outputs * rows_per_output;
            let plane = |plane: usize| {
                let bytes = u64::from(n_row) * row_bytes[plane];
                // Scales never lie in the first plane of quants.
                let is_bits = plane == 0 && layout.format.kind != Kind::plain;
                match bytes {
                    0 => None,
                    _ if is_bits => Some(self.bits(bytes)),
                    _ => Some(self.floats(bytes)),
                }
            };
            WeightPart {
                row_begin,
                n_row,
                planes: [0, 1, 2].map(plane),
            }
        };
        Weight {
            layout,
            parts: (0..n_out).step_by(outputs_max as usize).map(part).collect(),
        }
    }
}
