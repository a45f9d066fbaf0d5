//! A matrix as planes in a weight slab, whole or split by rows.

use ggweb_gguf::GgmlType;

use crate::buffer::{BINDING_ALIGNMENT_BYTES, Binding, Buffer, BufferUse};
use crate::device::Device;

/// Weights per block that kernels step by; a row of any type is whole blocks of this.
pub const BLOCK: u32 = 32;

/// How the rows of one type lie on the GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlaneLayout {
    /// The type in the file.
    pub ggml_type: GgmlType,
    /// Weights per row.
    pub n_in: u32,
}

impl PlaneLayout {
    /// The layout of rows of `n_in` weights, or `None` if the type has no kernels yet or the rows are not whole
    /// groups of four weights.
    #[must_use]
    pub fn new(ggml_type: GgmlType, n_in: u32) -> Option<Self> {
        let known = matches!(
            ggml_type,
            GgmlType::F32 | GgmlType::F16 | GgmlType::Q8_0 | GgmlType::Q4_0
        );
        (known && n_in > 0 && n_in.is_multiple_of(4)).then_some(Self { ggml_type, n_in })
    }

    /// Blocks of 32 weights per row, the last one padded.
    #[must_use]
    pub fn n_block(&self) -> u32 {
        self.n_in.div_ceil(BLOCK)
    }

    /// Bytes of a row in the file.
    #[must_use]
    pub fn file_row_bytes(&self) -> u64 {
        u64::from(self.n_in) / self.ggml_type.block_size() as u64
            * self.ggml_type.block_bytes() as u64
    }

    /// Bytes of a row in the plane of quants (or of plain numbers).
    #[must_use]
    pub fn quant_row_bytes(&self) -> u64 {
        let per_block = match self.ggml_type {
            GgmlType::Q4_0 => 16,
            GgmlType::Q8_0 => 32,
            GgmlType::F16 => 64,
            _ => 128,
        };
        u64::from(self.n_block()) * per_block
    }

    /// Bytes of a row in the plane of scales; 0 where there is none.
    #[must_use]
    pub fn scale_row_bytes(&self) -> u64 {
        if self.has_scales() {
            u64::from(self.n_block().div_ceil(2)) * 4
        } else {
            0
        }
    }

    /// Whether the type has a plane of scales.
    #[must_use]
    pub fn has_scales(&self) -> bool {
        matches!(self.ggml_type, GgmlType::Q8_0 | GgmlType::Q4_0)
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
    /// The plane of quants.
    pub quants: Binding,
    /// The plane of scales, where the type has one.
    pub scales: Option<Binding>,
}

impl WeightPart {
    /// The planes in binding order.
    #[must_use]
    pub fn planes(&self) -> Vec<Binding> {
        std::iter::once(&self.quants)
            .chain(&self.scales)
            .cloned()
            .collect()
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
