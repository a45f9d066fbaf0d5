//! Reads the header of a model file.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use ggweb_gguf::{Header, Parsed, parse};

/// The first read; most vocabularies need a few times as much.
const PREFIX_BYTES: u64 = 1 << 20;

/// A model file that cannot be used.
#[derive(Debug)]
pub(crate) enum ModelFileError {
    /// The system refuses it.
    Io { path: PathBuf, error: io::Error },
    /// It is not what it should be.
    Malformed {
        path: PathBuf,
        error: ggweb_gguf::Error,
    },
}

impl fmt::Display for ModelFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, error } => write!(f, "cannot read {}: {error}", path.display()),
            Self::Malformed { path, error } => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for ModelFileError {}

/// Opens a file and gives its length.
pub(crate) fn open(path: &Path) -> Result<(File, u64), ModelFileError> {
    let opened = File::open(path).and_then(|file| {
        let metadata = file.metadata()?;
        match metadata.is_dir() {
            true => Err(io::Error::from(io::ErrorKind::IsADirectory)),
            false => Ok((file, metadata.len())),
        }
    });
    opened.map_err(|error| ModelFileError::Io {
        path: path.to_owned(),
        error,
    })
}

/// Reads a file's header, and no more of the file than about twice that.
pub(crate) fn read_header(path: &Path) -> Result<Header, ModelFileError> {
    let (mut file, file_len) = open(path)?;
    let mut prefix = Vec::new();
    let mut target = PREFIX_BYTES;
    loop {
        let read = file
            .by_ref()
            .take(target - prefix.len() as u64)
            .read_to_end(&mut prefix);
        read.map_err(|error| ModelFileError::Io {
            path: path.to_owned(),
            error,
        })?;
        match parse(&prefix, Some(file_len)) {
            Ok(Parsed::Header(header)) => return Ok(*header),
            Ok(Parsed::NeedMore { at_least }) => target = at_least.max(2 * target),
            Err(error) => {
                return Err(ModelFileError::Malformed {
                    path: path.to_owned(),
                    error,
                });
            }
        }
    }
}
