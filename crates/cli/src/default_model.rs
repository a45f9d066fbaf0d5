//! The model that is used where none is named.

use std::path::{Path, PathBuf};

use crate::Result;

/// The model that ships with the repository.
const FILE: &str = "stories15M-q4_0.gguf";

/// The model to use: the one named, or the default one, beside the executable or in the repository it was built from.
pub(crate) fn resolve(named: Option<&Path>) -> Result<PathBuf> {
    if let Some(path) = named {
        return Ok(path.to_owned());
    }
    let places = places();
    match places.iter().find(|path| path.is_file()) {
        Some(path) => Ok(path.clone()),
        None => {
            let places: Vec<_> = places
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            Err(format!(
                "no --model given and the default model is not there; it would be {}",
                places.join(" or ")
            )
            .into())
        }
    }
}

fn places() -> Vec<PathBuf> {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let beside = std::env::current_exe()
        .ok()
        .and_then(|exe| exe.parent().map(Path::to_owned));
    let folders = beside.iter().map(PathBuf::as_path).chain(repository);
    folders
        .map(|folder| folder.join("models").join(FILE))
        .collect()
}
