//! `ggweb`: GGUF language models on the native GPU, from the command line.
//!
//! One module per subcommand; what they print with `--json` is kept, because scripts read it.

mod args;
mod model_file;
mod output;

mod detokenize;
mod hparams;
mod inspect;
mod json;
mod tokenize;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};

/// Any error, with a message for the person at the terminal.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Tokenize(args) => tokenize::tokenize(&args),
        Command::Detokenize(args) => detokenize::detokenize(&args),
        Command::Inspect(args) => inspect::inspect(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output::fail(error.as_ref()),
    }
}
