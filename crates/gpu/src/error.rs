//! What can go wrong with the world below us: no adapter, no memory, a lost device, a refused shader.

/// A failure of the GPU or of its driver.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No adapter at all, or none that fits what was asked.
    #[error("no usable WebGPU adapter: {reason}; {advice}")]
    NoAdapter {
        /// What was found instead.
        reason: String,
        /// What a user can do.
        advice: &'static str,
    },
    /// The adapter refused to give a device.
    #[error("the adapter `{adapter}` gave no device: {reason}")]
    NoDevice {
        /// The adapter's name.
        adapter: String,
        /// The driver's own words.
        reason: String,
    },
    /// A tier was forced that the adapter does not have.
    #[error(
        "tier `{tier}` was asked for, but the adapter `{adapter}` does not have it; use `auto` or `base`"
    )]
    NoTier {
        /// The tier's name.
        tier: &'static str,
        /// The adapter's name.
        adapter: String,
    },
    /// The device could not allocate a buffer.
    #[error(
        "out of GPU memory: {bytes} bytes for {label}; try a smaller context or a smaller model"
    )]
    OutOfMemory {
        /// What the buffer was for.
        label: String,
        /// The size asked for, in bytes.
        bytes: u64,
    },
    /// The device is gone: driver reset, GPU process ended, or destroyed.
    #[error("the GPU device was lost: {reason}; load the model again")]
    DeviceLost {
        /// The driver's own words.
        reason: String,
    },
    /// A shader or pipeline was refused. Always our own fault or the driver's, never the caller's.
    #[error("the pipeline `{name}` was refused: {reason}")]
    Pipeline {
        /// The kernel's name.
        name: String,
        /// The compiler's own words.
        reason: String,
    },
    /// The device reported an error for commands already given.
    #[error("the GPU device reported: {reason}")]
    Device {
        /// The device's own words.
        reason: String,
    },
}

/// [`std::result::Result`] with this crate's [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;
