//! Runs the built binary.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What a run printed and how it ended.
pub(crate) struct Outcome {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    is_success: bool,
}

impl Outcome {
    /// The result of a run that must have succeeded.
    #[track_caller]
    pub(crate) fn success(self) -> String {
        assert!(self.is_success, "{}", self.stderr);
        self.stdout
    }

    /// The message of a run that must have failed without a result.
    #[track_caller]
    pub(crate) fn failure(self) -> String {
        assert!(
            !self.is_success,
            "expected a failure, found {:?}",
            self.stdout
        );
        assert_eq!(self.stdout, "", "a failure has no result");
        self.stderr
    }
}

/// Where runs of this process remember what they measured: a folder that no earlier one filled.
pub(crate) fn cache_dir() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cache-{}", std::process::id()))
}

/// Runs `ggweb` with these arguments.
pub(crate) fn ggweb(arguments: &[&str]) -> Outcome {
    ggweb_in(&cache_dir(), arguments)
}

/// Runs `ggweb` with a cache folder of its own.
pub(crate) fn ggweb_in(cache: &Path, arguments: &[&str]) -> Outcome {
    let output = Command::new(env!("CARGO_BIN_EXE_ggweb"))
        .args(arguments)
        .env("XDG_CACHE_HOME", cache)
        .output()
        .expect("the binary runs");
    Outcome {
        stdout: String::from_utf8(output.stdout).expect("text"),
        stderr: String::from_utf8(output.stderr).expect("text"),
        is_success: output.status.success(),
    }
}
