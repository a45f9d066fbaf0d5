/// Why a file cannot be run by the twin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is no GGUF, or breaks its rules.
    #[error(transparent)]
    Gguf(#[from] ggweb_gguf::Error),
    /// The bytes end before the header does.
    #[error("the header needs {at_least} bytes, the file has {found}: it was cut off")]
    Truncated {
        /// Bytes the header needs at least.
        at_least: u64,
        /// Bytes there are.
        found: u64,
    },
    /// Metadata without which the model is not defined.
    #[error("the metadata has no {key}")]
    MissingKey {
        /// The key.
        key: String,
    },
    /// A weight without which the model is not defined.
    #[error("there is no tensor {name}")]
    MissingTensor {
        /// Its GGUF name.
        name: String,
    },
    /// A weight of another size than the hyperparameters say.
    #[error("tensor {name} has {found} weights, expected {expected}")]
    TensorSize {
        /// Its GGUF name.
        name: String,
        /// Weights by the hyperparameters.
        expected: usize,
        /// Weights in the file.
        found: usize,
    },
    /// Something that the twin does not know.
    #[error("{what} {found} is not supported by the CPU twin")]
    Unsupported {
        /// The kind of thing: architecture, tensor type, scaling.
        what: &'static str,
        /// Its name in the file.
        found: String,
    },
}

/// A result with this crate's error.
pub type Result<T> = std::result::Result<T, Error>;
