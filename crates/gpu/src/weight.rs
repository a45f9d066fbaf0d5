//! A matrix as planes in a weight slab, whole or split by rows.

use ggweb_gguf::{Format, GgmlType, Kind};

use crate::buffer::{BINDING_ALIGNMENT_BYTES, Binding, Buffer, BufferUse};
use crate::device::Device;

/// Weights per block that kernels step by; a row of any type is whole blocks of this.
pub const BLOCK: u32 = 32;

/// How the rows of one type lie on the GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaneLayout {
    /// The type in the file.
    pub ggml_type: GgmlType,
    /// What kernels know of the type.
    pub format: Format,
    /// Weights per row.
    pub n_in: u32,
}

impl PlaneLayout {
    /// The layout of rows of `n_in` weights, or `None` if the type has no kernels or the rows are not whole blocks and
    /// whole groups of four weights.
    #[must_use]
    pub fn new(ggml_type: GgmlType, n_in: u32) -> Option<Self> {
        let whole = n_in.is_multiple_of(4) && n_in.is_multiple_of(ggml_type.block_size() as u32);
        let format = ggml_type.format().filter(|_| n_in > 0 && whole)?;
        Some(Self {
            ggml_type,
            format,
            n_in,
        })
    }

    /// Runs of 32 weights per row, the last one padded: what kernels step by.
    #[must_use]
    pub fn n_block(&self) -> u32 {
        self.n_in.div_ceil(BLOCK)
    }

    /// Whether products take x in int8: the weights are quants and not numbers.
    #[must_use]
    pub fn takes_int8(&self) -> bool {
        self.format.kind != Kind::plain
    }

    /// Blocks per row of the file.
    #[must_use]
    pub fn n_file_block(&self) -> u64 {
        u64::from(self.n_in) / self.ggml_type.block_size() as u64
    }

    /// Bytes of a row in the file.
    #[must_use]
    pub fn file_row_bytes(&self) -> u64 {
        self.n_file_block() * self.ggml_type.block_bytes() as u64
    }

    /// Whether a plane holds the file's bytes as they are, so that no kernel has to repack them.
    #[must_use]
    pub fn is_verbatim(&self) -> bool {
        self.format.kind == Kind::plain && self.plane_row_bytes()[0] == self.file_row_bytes()
    }

    /// Bytes of a row in each plane; 0 where there is none.
    #[must_use]
    pub fn plane_row_bytes(&self) -> [u64; 3] {
        if self.format.kind == Kind::plain {
            let row_bytes = u64::from(self.n_block() * BLOCK) * self.ggml_type.block_bytes() as u64;
            return [row_bytes, 0, 0];
        }
        [0, 1, 2].map(|plane| {
            (self.n_file_block() * self.format.plane_bytes(plane) as u64).next_multiple_of(4)
        })
    }
}

/// A matrix `[n_out, n_in]` on the GPU, in one part or, where it is larger than a binding, in several.
#[derive(Debug, Clone)]
pub struct Weight {
    /// How the rows lie.
    pub layout: PlaneLayout,
    /// The parts, in the order of their rows.
    pub parts: Vec<WeightPart>,
}

/// Some of the rows of a [`Weight`].
#[derive(Debug, Clone)]
pub struct WeightPart {
    /// The first output that the part makes.
    pub row_begin: u32,
    /// How many rows it holds.
    pub n_row: u32,
    /// The planes that the type has.
    pub planes: [Option<Binding>; 3],
}

impl WeightPart {
    /// The planes that there are, in binding order.
    #[must_use]
    pub fn bindings(&self) -> Vec<Binding> {
        self.planes.iter().flatten().cloned().collect()
    }
}

/// Ranges reserved in slabs that are not allocated yet.
#[derive(Debug, Clone)]
pub struct SlabPlan {
    max_slab_bytes: u64,
    slab_bytes: Vec<u64>,
}

/// A reserved range.
#[derive(Debug, Clone, Copy)]
pub struct Slot {
    slab: usize,
    offset_bytes: u64,
    size_bytes: u64,
}

impl SlabPlan {
    /// No slabs yet; none will be larger than `max_slab_bytes`.
    #[must_use]
    pub fn new(max_slab_bytes: u64) -> Self {
        Self {
            max_slab_bytes,
            slab_bytes: Vec::new(),
        }
    }

    /// Reserves `size_bytes` in the last slab, or in a new one if it is full.
    pub fn reserve(&mut self, size_bytes: u64) -> Slot {
        let padded = size_bytes.next_multiple_of(BINDING_ALIGNMENT_BYTES);
        if self
            .slab_bytes
            .last()
            .is_none_or(|used| used + padded > self.max_slab_bytes)
        {
            self.slab_bytes.push(0);
        }
        let slab = self.slab_bytes.len() - 1;
        let offset_bytes = self.slab_bytes[slab];
        self.slab_bytes[slab] += padded;
        Slot {
            slab,
            offset_bytes,
            size_bytes,
        }
    }

    /// Bytes of all slabs.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.slab_bytes.iter().sum()
    }

    /// Creates the slabs; call it inside [`Device::guarded`].
    #[must_use]
    pub fn allocate(&self, device: &Device) -> Slabs {
        let make = |&bytes: &u64| device.buffer("weights", bytes, BufferUse::Storage);
        Slabs {
            buffers: self.slab_bytes.iter().map(make).collect(),
        }
    }
}

/// The allocated slabs of a [`SlabPlan`].
#[derive(Debug, Clone)]
pub struct Slabs {
    buffers: Vec<Buffer>,
}

impl Slabs {
    /// The range that was reserved as `slot`.
    #[must_use]
    pub fn binding(&self, slot: Slot) -> Binding {
        self.buffers[slot.slab].range(slot.offset_bytes, slot.size_bytes)
    }
}
