//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// GGUF language models on the GPU.
#[derive(Debug, Parser)]
#[command(name = "ggweb", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Token ids of a text.
    Tokenize(TokenizeArgs),
    /// Text of token ids.
    Detokenize(DetokenizeArgs),
    /// What a file holds: metadata, tensors, hyperparameters, memory.
    Inspect(InspectArgs),
}

#[derive(Debug, Args)]
pub(crate) struct TokenizeArgs {
    /// GGUF file; one that holds a vocabulary only will do.
    #[arg(long, value_name = "FILE")]
    pub(crate) model: PathBuf,
    #[command(flatten)]
    pub(crate) input: TokenizeInput,
    /// Add BOS and EOS where the file asks for them.
    #[arg(long)]
    pub(crate) add_special: bool,
    /// Take the texts of control tokens for these tokens.
    #[arg(long)]
    pub(crate) parse_special: bool,
    /// Print JSON: one array of ids, or with --texts one array of such arrays.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct TokenizeInput {
    /// The text.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) text: Option<String>,
    /// File with a JSON array of texts.
    #[arg(long, value_name = "FILE.json")]
    pub(crate) texts: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DetokenizeArgs {
    /// GGUF file; one that holds a vocabulary only will do.
    #[arg(long, value_name = "FILE")]
    pub(crate) model: PathBuf,
    /// Token ids, as 1,2,3.
    #[arg(long, value_name = "IDS", value_delimiter = ',', num_args = 1.., required = true)]
    pub(crate) tokens: Vec<u32>,
    /// Leave out control tokens; they show as their texts otherwise.
    #[arg(long)]
    pub(crate) skip_special: bool,
    /// Print a JSON string.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// GGUF file.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Context length to compute the memory for; the smaller of the trained length and 4096 otherwise.
    #[arg(long, value_name = "N")]
    pub(crate) n_ctx: Option<u32>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
