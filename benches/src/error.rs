//! What can go wrong in a bench.

/// A bench that could not begin or not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The command line is wrong, or only asks for help.
    #[error("{0}")]
    Arguments(#[from] clap::Error),
    /// A `--set` does not say what it should.
    #[error("--set \"{text}\": {reason}")]
    Set {
        /// The argument.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The filters leave no cell.
    #[error("nothing to time: no cell fits {filters}; names look like matvec/1/1B/gate_up/Q4_K")]
    Nothing {
        /// The filters given.
        filters: String,
    },
    /// A file from which no model can be grown.
    #[error("{file}: {why}")]
    Source {
        /// Its path.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// The device failed.
    #[error(transparent)]
    Gpu(#[from] ggweb_gpu::Error),
}

/// [`std::result::Result`] with this crate's [`enum@Error`].
pub type Result<T> = std::result::Result<T, Error>;
