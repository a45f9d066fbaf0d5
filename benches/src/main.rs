//! `cargo run --release -p ggweb-benches -- [WORD]… [OPTIONS]`: times each op alone on the native GPU.
//!
//! `--help` lists the options; `node web/bench/ops.mjs` runs the same in Chromium.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the table is what this program is for"
)]

use std::process::ExitCode;

use cpu_time::ProcessTime;
use ggweb_benches::{Error, Host, bench};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let start = ProcessTime::now();
    let host = Host {
        print: &|line| println!("{line}"),
        cpu_seconds: &|| Some(start.elapsed().as_secs_f64()),
    };
    let report = match pollster::block_on(bench(&words, &host)) {
        Ok(report) => report,
        // Help is no failure, and the library knows where it goes.
        Err(Error::Arguments(error)) => error.exit(),
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let Some(file) = report.file else {
        return ExitCode::SUCCESS;
    };
    if let Err(error) = std::fs::write(&file, report.json) {
        eprintln!("error: {} could not be written: {error}", file.display());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
