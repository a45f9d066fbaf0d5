//! What int8 activations cost the models that were loaded before, in a file of the user's cache, a line for each.
//!
//! A file that cannot be read or written only means that a model is measured again.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use ggweb_engine::Gate;

/// `$XDG_CACHE_HOME/ggweb/activations.txt`, or the same under `%LOCALAPPDATA%` or `~/.cache`.
fn path() -> Option<PathBuf> {
    let given = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let cache = given("XDG_CACHE_HOME")
        .or_else(|| given("LOCALAPPDATA"))
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(given("HOME")?).join(".cache")))?;
    Some(cache.join("ggweb").join("activations.txt"))
}

/// All that is known.
pub(crate) fn read() -> Vec<Gate> {
    let text = path().and_then(|path| fs::read_to_string(path).ok());
    let text = text.unwrap_or_default();
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

/// Adds one more.
pub(crate) fn remember(gate: Gate) {
    let append = |path: PathBuf| {
        fs::create_dir_all(path.parent()?).ok()?;
        let mut file = fs::File::options()
            .create(true)
            .append(true)
            .open(path)
            .ok()?;
        // One write: lines of two processes do not mix.
        file.write_all(format!("{gate}\n").as_bytes()).ok()
    };
    let _ = path().and_then(append);
}
