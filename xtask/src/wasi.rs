//! Runs the tests of tokenizers and templates as wasm, in Node: the same tables as natively.

use anyhow::Result;

use crate::{need, sh};

/// The tests touch files, which `wasm32-unknown-unknown` cannot.
const TARGET: &str = "wasm32-wasip1";

/// Cargo runs a test in its package's folder; a full path might have spaces, which it would take for more arguments.
const RUNNER: &str = "node --no-warnings ../tokenizer/tests/wasi.mjs";

/// Builds and runs the unit and integration tests of both crates.
pub(crate) fn test() -> Result<()> {
    need::node()?;
    need::rust_target(TARGET)?;
    let mut cargo = sh::cargo();
    cargo.args([
        "test",
        "--package",
        "ggweb-tokenizer",
        "--package",
        "ggweb-chat",
    ]);
    cargo.args(["--target", TARGET, "--tests"]);
    cargo.env("CARGO_TARGET_WASM32_WASIP1_RUNNER", RUNNER);
    sh::run(&mut cargo)
}
