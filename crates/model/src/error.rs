//! What keeps a file from becoming a model.

use ggweb_gguf::GgmlType;

/// A file that cannot be run, or a device that cannot run it.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is malformed.
    #[error(transparent)]
    File(#[from] ggweb_gguf::Error),
    /// The GPU or its driver failed.
    #[error(transparent)]
    Gpu(#[from] ggweb_gpu::Error),
    /// Something that a later part brings.
    #[error("not yet: {what}; found in {place}")]
    NotYet {
        /// What is missing here.
        what: String,
        /// The key or tensor that asks for it.
        place: String,
    },
    /// A type that is not made for weights, or rows that are no whole groups of four.
    #[error("not yet: weights in {found} in rows of this length (tensor `{tensor}`); expected a floating-point or quantized type, and rows of whole groups of four", found = .ggml_type.name())]
    WeightType {
        /// The tensor's name.
        tensor: String,
        /// Its type.
        ggml_type: GgmlType,
    },
    /// A key that every file of this architecture has.
    #[error("the file has no `{key}`, which a model of the architecture `{architecture}` needs")]
    MissingKey {
        /// The key.
        key: String,
        /// The file's architecture.
        architecture: String,
    },
    /// A tensor that every file of this architecture has.
    #[error(
        "the file has no tensor `{tensor}`; it may be cut short or be a vocabulary without weights"
    )]
    MissingTensor {
        /// The tensor's name.
        tensor: String,
    },
    /// A tensor whose shape contradicts the hyperparameters.
    #[error(
        "tensor `{tensor}` has the shape {found:?}, but the file's hyperparameters ask for {expected:?}"
    )]
    Shape {
        /// The tensor's name.
        tensor: String,
        /// What the hyperparameters ask for, outermost first.
        expected: Vec<u64>,
        /// What the tensor table says, outermost first.
        found: Vec<u64>,
    },
    /// A hyperparameter outside what the architecture or this version allows.
    #[error("`{key}` is {found}, expected {expected}")]
    BadValue {
        /// The key.
        key: String,
        /// What was found.
        found: String,
        /// What is allowed.
        expected: String,
    },
    /// The model does not fit the device at the asked context.
    #[error(
        "the model does not fit this adapter: {what} takes {needed} bytes, at most {limit} are allowed; {advice}"
    )]
    DoesNotFit {
        /// What is too large.
        what: String,
        /// Its size in bytes.
        needed: u64,
        /// The adapter's limit in bytes.
        limit: u64,
        /// What would fit.
        advice: String,
    },
    /// The file ended before its last tensor.
    #[error("the file ended at byte {found}, but tensor `{tensor}` ends at byte {expected}")]
    Truncated {
        /// The tensor that is not whole.
        tensor: String,
        /// Where it ends.
        expected: u64,
        /// Where the file ended.
        found: u64,
    },
}

/// [`std::result::Result`] with this crate's [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;
