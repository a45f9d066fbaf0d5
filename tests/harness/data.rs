//! Where test data lies. What is not there is counted and printed, never passed over in silence.

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The repository.
#[must_use]
pub fn repo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A test file by its path in the shared data folder beside the repository. Without that folder: the
/// small copy in `tests/data`, or `None`, which the caller [counts](Count::skipped).
///
/// # Panics
/// If the folder is there and the file is not: then the name is wrong.
#[must_use]
pub fn shared_file(path: &str) -> Option<Vec<u8>> {
    let shared = repo().join("../shared/data");
    let root = if shared.is_dir() {
        &shared
    } else {
        &repo().join("tests/data")
    };
    match std::fs::read(root.join(path)) {
        Ok(bytes) => Some(bytes),
        Err(error) if root == &shared => panic!("../shared/data/{path}: {error}"),
        Err(_) => None,
    }
}

/// The values' bytes of a `NumPy` file of the shared data folder.
///
/// # Panics
/// As [`shared_file`], and if the file is no `NumPy` version 1.
#[must_use]
pub fn shared_npy(path: &str) -> Option<Vec<u8>> {
    let file = shared_file(path)?;
    assert!(
        file.starts_with(b"\x93NUMPY\x01"),
        "{path} is no NumPy file of version 1"
    );
    let header = usize::from(u16::from_le_bytes([file[8], file[9]]));
    Some(file[10 + header..].to_vec())
}

/// Prints a line past the test runner, which would swallow it from a test that passes.
///
/// `cargo xtask test` shows lines that begin with `skipped: ` or `matrix: `.
pub fn report(line: &str) {
    // A closed stderr is no reason to fail.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// How many of a test's checks ran, and how many were left out for want of data. Printed when dropped.
#[derive(Debug)]
pub struct Count {
    name: &'static str,
    ran: usize,
    skipped: usize,
}

impl Count {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            ran: 0,
            skipped: 0,
        }
    }

    /// One check ran.
    pub fn ran(&mut self) {
        self.ran += 1;
    }

    /// One check could not run.
    pub fn skipped(&mut self) {
        self.skipped += 1;
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        let Self { name, ran, skipped } = self;
        report(&format!("{name}: {ran} checks"));
        if *skipped > 0 {
            report(&format!(
                "skipped: {skipped} checks of {name}, ../shared is not there"
            ));
        }
    }
}
