//! `ggweb`: GGUF language models on the native GPU, from the command line.
//!
//! One module per subcommand; what they print with `--json` is kept, because scripts read it.

mod args;
mod later;
mod output;

mod default_model;
mod gates;
mod interrupt;
mod load;
mod model_file;

mod bench;
mod chat;
mod chat_args;
mod chat_model;
mod detokenize;
mod hparams;
mod inspect;
mod json;
mod logits;
mod npy;
mod parse_output;
mod run;
mod template;
mod tokenize;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};

/// Any error, with a message for the person at the terminal.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let success = |()| ExitCode::SUCCESS;
    let outcome = match Cli::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Logits(args) => logits::logits(&args).map(success),
        Command::Bench(args) => bench::bench(&args).map(success),
        Command::Tokenize(args) => tokenize::tokenize(&args).map(success),
        Command::Detokenize(args) => detokenize::detokenize(&args).map(success),
        Command::Inspect(args) => inspect::inspect(&args).map(success),
        Command::Template(args) => template::template(&args).map(success),
        Command::ParseOutput(args) => parse_output::parse_output(&args).map(success),
        Command::Chat(args) => chat::chat(&args).map(success),
    };
    outcome.unwrap_or_else(|error| output::fail(error.as_ref()))
}
