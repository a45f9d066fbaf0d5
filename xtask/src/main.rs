//! Tasks of this repository: `cargo xtask web`, `cargo xtask demo`, `cargo xtask test` and parts of it.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool talks to its terminal"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "the clock is refused for the browser's sake; this never runs there"
)]

mod demo;
mod licenses;
mod need;
mod pairs;
mod serve;
mod sh;
mod steps;
mod wasi;
mod web;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
usage: cargo xtask <task>

  web                       build the npm package into web/dist
  web-bench                 build the bench of ops for web/bench/ops.mjs
  wasi                      run the tests of tokenizers and templates in wasm, in Node
  demo [--port N] [--no-open]
                            build all, serve the demo page on localhost and open it
  test [STEP…] [--install]  run all tests, or the steps named
  test --list               list the steps

--install (as root) lets apt-get install what is missing; without it, what is missing is named.
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<ExitCode> {
    let Some((task, rest)) = args.split_first() else {
        bail!("no task given\n\n{USAGE}");
    };
    match task.as_str() {
        "web" => web::build().map(|()| ExitCode::SUCCESS),
        "web-bench" => web::bench().map(|()| ExitCode::SUCCESS),
        "wasi" => wasi::test().map(|()| ExitCode::SUCCESS),
        "demo" => demo::demo(rest).map(|()| ExitCode::SUCCESS),
        "test" => steps::test(rest),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        other => bail!("there is no task `{other}`\n\n{USAGE}"),
    }
}
