//! Buffers that free their memory when dropped, and ranges of one.

use std::num::NonZeroU64;
use std::sync::Arc;

/// Every bound range begins at a multiple of this, the strictest alignment of any WebGPU implementation.
pub const BINDING_ALIGNMENT_BYTES: u64 = 256;

/// What a buffer is for. A buffer is read-only *or* read-write within one dispatch as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BufferUse {
    /// Read and written by kernels, filled by copies.
    Storage,
    /// Small and read by kernels as uniform, written by the CPU.
    Uniform,
    /// Copied into by the GPU, mapped by the CPU.
    Readback,
}

/// A GPU buffer. Dropping the last handle destroys it at once: in a browser a dropped `wgpu::Buffer` waits for
/// the JavaScript collector.
#[derive(Debug, Clone)]
pub struct Buffer {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    raw: wgpu::Buffer,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.raw.destroy();
    }
}

impl Buffer {
    pub(crate) fn new(
        device: &wgpu::Device,
        label: &str,
        size_bytes: u64,
        buffer_use: BufferUse,
    ) -> Self {
        let usage = match buffer_use {
            BufferUse::Storage => {
                wgpu::BufferUsages::STORAGE
                    | wgpu::BufferUsages::COPY_DST
                    | wgpu::BufferUsages::COPY_SRC
            }
            BufferUse::Uniform => {
                wgpu::BufferUsages::UNIFORM
                    | wgpu::BufferUsages::STORAGE
                    | wgpu::BufferUsages::COPY_DST
            }
            BufferUse::Readback => wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        };
        let raw = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: size_bytes.next_multiple_of(16),
            usage,
            mapped_at_creation: false,
        });
        Self {
            shared: Arc::new(Shared { raw }),
        }
    }

    /// The size, a multiple of 16.
    ///
    /// # Units
    /// Bytes.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.shared.raw.size()
    }

    /// The whole buffer, to be bound.
    #[must_use]
    pub fn whole(&self) -> Binding {
        self.range(0, self.size_bytes())
    }

    /// `size_bytes` from `offset_bytes` on, to be bound.
    ///
    /// # Panics
    /// If the range is empty, not aligned to [`BINDING_ALIGNMENT_BYTES`] or outside the buffer.
    #[must_use]
    pub fn range(&self, offset_bytes: u64, size_bytes: u64) -> Binding {
        let size_bytes = size_bytes.next_multiple_of(16);
        assert_eq!(
            offset_bytes % BINDING_ALIGNMENT_BYTES,
            0,
            "a bound range begins at a multiple of 256"
        );
        assert!(size_bytes > 0, "a bound range holds something");
        assert!(
            offset_bytes + size_bytes <= self.size_bytes(),
            "a bound range lies inside its buffer"
        );
        Binding {
            buffer: self.clone(),
            offset_bytes,
            size_bytes,
        }
    }

    pub(crate) fn raw(&self) -> &wgpu::Buffer {
        &self.shared.raw
    }
}

/// A range of a [`Buffer`], as a kernel sees it.
#[derive(Debug, Clone)]
pub struct Binding {
    buffer: Buffer,
    offset_bytes: u64,
    size_bytes: u64,
}

impl Binding {
    /// The buffer that the range is of.
    #[must_use]
    pub fn buffer(&self) -> &Buffer {
        &self.buffer
    }

    /// Where the range begins in its buffer.
    ///
    /// # Units
    /// Bytes.
    #[must_use]
    pub fn offset_bytes(&self) -> u64 {
        self.offset_bytes
    }

    /// How long the range is.
    ///
    /// # Units
    /// Bytes.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    pub(crate) fn resource(&self) -> wgpu::BindingResource<'_> {
        wgpu::BindingResource::Buffer(wgpu::BufferBinding {
            buffer: self.buffer.raw(),
            offset: self.offset_bytes,
            size: NonZeroU64::new(self.size_bytes),
        })
    }
}
