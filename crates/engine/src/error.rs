//! One error for callers: the file is wrong, the world is wrong, or the call is wrong.

/// What a caller of the engine can meet.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no usable adapter or device.
    #[error(transparent)]
    WebgpuUnavailable(ggweb_gpu::Error),
    /// The GPU has not enough memory.
    #[error("{0}")]
    OutOfMemory(String),
    /// The device was lost.
    #[error(transparent)]
    DeviceLost(ggweb_gpu::Error),
    /// The file is no GGUF, is damaged, or ended early.
    #[error("{0}")]
    MalformedFile(String),
    /// The file is sound, but this version cannot run it.
    #[error("{0}")]
    UnsupportedModel(String),
    /// The caller passed something that cannot be.
    #[error("{0}")]
    InvalidArgument(String),
    /// The prompt leaves no room for an answer.
    #[error(
        "the prompt has {n_prompt} tokens, but the context holds {n_ctx}; shorten it or load with a larger context"
    )]
    ContextFull {
        /// Tokens of the prompt.
        n_prompt: usize,
        /// Positions of the context.
        n_ctx: u32,
    },
    /// The caller aborted.
    #[error("aborted")]
    Aborted,
    /// A fault of ours or of the driver.
    #[error("internal error: {0}; please report it with the adapter's name")]
    Internal(String),
}

/// [`std::result::Result`] with this crate's [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A stable name for programs, in kebab case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WebgpuUnavailable(_) => "webgpu-unavailable",
            Self::OutOfMemory(_) => "out-of-memory",
            Self::DeviceLost(_) => "device-lost",
            Self::MalformedFile(_) => "malformed-file",
            Self::UnsupportedModel(_) => "unsupported-model",
            Self::InvalidArgument(_) => "invalid-argument",
            Self::ContextFull { .. } => "context-full",
            Self::Aborted => "aborted",
            Self::Internal(_) => "internal",
        }
    }
}

impl From<ggweb_gpu::Error> for Error {
    fn from(error: ggweb_gpu::Error) -> Self {
        use ggweb_gpu::Error as Gpu;
        match error {
            Gpu::NoAdapter { .. } | Gpu::NoDevice { .. } => Self::WebgpuUnavailable(error),
            Gpu::NoTier { .. } => Self::InvalidArgument(error.to_string()),
            Gpu::OutOfMemory { .. } => Self::OutOfMemory(error.to_string()),
            Gpu::DeviceLost { .. } => Self::DeviceLost(error),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<ggweb_model::Error> for Error {
    fn from(error: ggweb_model::Error) -> Self {
        use ggweb_model::Error as Model;
        match error {
            Model::Gpu(error) => error.into(),
            Model::File(error) => error.into(),
            Model::DoesNotFit { .. } => Self::OutOfMemory(error.to_string()),
            Model::NotYet { .. } | Model::WeightType { .. } => {
                Self::UnsupportedModel(error.to_string())
            }
            Model::BadValue { ref key, .. } if key == "n_ctx" => {
                Self::InvalidArgument(error.to_string())
            }
            other => Self::MalformedFile(other.to_string()),
        }
    }
}

impl From<ggweb_gguf::Error> for Error {
    fn from(error: ggweb_gguf::Error) -> Self {
        Self::MalformedFile(error.to_string())
    }
}

impl From<ggweb_sampler::Error> for Error {
    fn from(error: ggweb_sampler::Error) -> Self {
        Self::InvalidArgument(error.to_string())
    }
}
