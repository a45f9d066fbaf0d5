//! Runs the built binary.

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

/// Runs `ggweb` with these arguments.
pub(crate) fn ggweb(arguments: &[&str]) -> Outcome {
    let output = Command::new(env!("CARGO_BIN_EXE_ggweb"))
        .args(arguments)
        // What a run remembers is no other's.
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
        .output()
        .expect("the binary runs");
    Outcome {
        stdout: String::from_utf8(output.stdout).expect("text"),
        stderr: String::from_utf8(output.stderr).expect("text"),
        is_success: output.status.success(),
    }
}
