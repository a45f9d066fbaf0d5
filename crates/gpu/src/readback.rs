//! The only wait: a small buffer that the GPU copies into and the CPU maps.

use crate::buffer::{Buffer, BufferUse};
use crate::device::Device;
use crate::error::Result;
use crate::platform;

/// A buffer to be mapped after a submit that copied into it. One wait at a time.
#[derive(Debug)]
pub struct Readback {
    device: Device,
    buffer: Buffer,
}

impl Readback {
    /// Room for `size_bytes`.
    #[must_use]
    pub fn new(device: &Device, size_bytes: u64) -> Self {
        Self {
            device: device.clone(),
            buffer: device.buffer("readback", size_bytes, BufferUse::Readback),
        }
    }

    /// Waits for the submits so far and copies the first `into.len()` bytes out.
    ///
    /// # Errors
    /// [`crate::Error::DeviceLost`] if the device is lost meanwhile, or what it reported.
    pub async fn read(&self, into: &mut [u8]) -> Result<()> {
        let raw = self.buffer.raw();
        if let Err(error) = platform::mapped(self.device.raw(), raw).await {
            // The device's own reason says more than that of the mapping it refuses.
            self.device.check()?;
            return Err(error);
        }
        let view =
            raw.get_mapped_range(..into.len() as u64)
                .map_err(|error| crate::Error::Device {
                    reason: format!("a read-back could not be looked at: {error}"),
                })?;
        into.copy_from_slice(&view);
        drop(view);
        raw.unmap();
        self.device.check()
    }

    /// Waits for the submits so far.
    ///
    /// # Errors
    /// As [`Readback::read`].
    pub async fn wait(&self) -> Result<()> {
        self.read(&mut [0; 4]).await
    }

    pub(crate) fn raw(&self) -> &wgpu::Buffer {
        self.buffer.raw()
    }
}
