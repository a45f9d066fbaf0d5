//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use ggweb_engine::{ActivationsChoice, KvType, LimitsChoice, ParamsChoice, Tier, parse_kv_type};

use crate::Result;
use crate::chat_args::{ChatArgs, ParseOutputArgs, TemplateArgs};
use crate::later::LaterArgs;

/// GGUF language models on the GPU.
#[derive(Debug, Parser)]
#[command(name = "ggweb", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Go on with a prompt.
    Run(RunArgs),
    /// Logits after some tokens, as a .npy file.
    Logits(LogitsArgs),
    /// Speed of prefill and decode.
    Bench(BenchArgs),
    /// Token ids of a text.
    Tokenize(TokenizeArgs),
    /// Text of token ids.
    Detokenize(DetokenizeArgs),
    /// What a file holds: metadata, tensors, hyperparameters, memory.
    Inspect(InspectArgs),
    /// The prompt of a conversation.
    Template(TemplateArgs),
    /// Text, reasoning and tool calls in an answer.
    ParseOutput(ParseOutputArgs),
    /// Talk with a model.
    Chat(ChatArgs),
}

/// Which model to load, where and how.
#[derive(Debug, Args)]
pub(crate) struct EngineArgs {
    /// GGUF file; the default model of the repository otherwise.
    #[arg(long, value_name = "FILE")]
    pub(crate) model: Option<PathBuf>,
    /// Context length; the smaller of the trained length and 4096 otherwise.
    #[arg(long, value_name = "N")]
    pub(crate) n_ctx: Option<u32>,
    /// Which options of the adapter the kernels use.
    #[arg(long, value_name = "base|f16|subgroups|auto", default_value = "auto")]
    pub(crate) tier: Tier,
    /// Which parameters the kernels have.
    #[arg(long, value_name = "software|gpu|auto", default_value = "auto")]
    pub(crate) params: ParamsChoice,
    /// How matrices of quants read their input: in int8 it costs accuracy, which `auto` measures once per model.
    #[arg(long, value_name = "f32|int8|auto", default_value = "auto")]
    pub(crate) activations: ActivationsChoice,
    /// Never in int8: the same as --activations f32.
    #[arg(long)]
    pub(crate) exact: bool,
    /// Type of the cached keys.
    #[arg(long, value_name = "f16|f32", default_value = "f16", value_parser = parse_kv_type)]
    pub(crate) cache_type_k: KvType,
    /// Type of the cached values.
    #[arg(long, value_name = "f16|f32", default_value = "f16", value_parser = parse_kv_type)]
    pub(crate) cache_type_v: KvType,
    /// Part of the adapter's name.
    #[arg(long, value_name = "SUBSTRING")]
    pub(crate) adapter: Option<String>,
    /// Which limits to ask for: the browser's floor, buffers and bindings as large as the adapter has, or the floor
    /// with workgroups of 128.
    #[arg(long, value_name = "web|adapter|compat", default_value = "web")]
    pub(crate) limits: LimitsChoice,
    /// Keep the run-time checks in the shaders.
    #[arg(long)]
    pub(crate) runtime_checks: bool,
    #[command(flatten)]
    pub(crate) later: LaterArgs,
}

impl EngineArgs {
    /// What `--activations` and `--exact` say together.
    pub(crate) fn activations(&self) -> Result<ActivationsChoice> {
        match (self.exact, self.activations) {
            (true, ActivationsChoice::Int8) => {
                Err("--exact and --activations int8 exclude each other; leave one out".into())
            }
            (true, _) => Ok(ActivationsChoice::F32),
            (false, asked) => Ok(asked),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) input: RunInput,
    /// How many tokens to generate at most.
    #[arg(long, value_name = "N", default_value_t = 256)]
    pub(crate) n_predict: u32,
    /// Run on past end-of-generation tokens.
    #[arg(long)]
    pub(crate) ignore_eos: bool,
    /// Temperature; 0 takes the most likely token.
    #[arg(
        long,
        value_name = "T",
        default_value_t = 0.8,
        allow_negative_numbers = true
    )]
    pub(crate) temp: f32,
    /// Keep the K most likely tokens; 0 keeps all.
    #[arg(long, value_name = "K", default_value_t = 40)]
    pub(crate) top_k: u32,
    /// Keep the most likely tokens that add up to P; 1 keeps all.
    #[arg(long, value_name = "P", default_value_t = 0.95)]
    pub(crate) top_p: f32,
    /// Drop tokens less likely than P times the most likely one; 0 keeps all.
    #[arg(long, value_name = "P", default_value_t = 0.05)]
    pub(crate) min_p: f32,
    /// Make the last 64 tokens less likely; 1 is off.
    #[arg(long, value_name = "R", default_value_t = 1.0)]
    pub(crate) repeat_penalty: f32,
    /// Key of the random numbers: the same seed gives the same text.
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Print one JSON object on one line at the end, and nothing before.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct RunInput {
    /// Text to go on with.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) prompt: Option<String>,
    /// Token ids to go on with, as 1,2,3.
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    pub(crate) tokens: Option<Vec<u32>>,
}

#[derive(Debug, Args)]
pub(crate) struct LogitsArgs {
    /// Token ids, as 1,2,3.
    #[arg(long, value_name = "IDS", value_delimiter = ',', required = true)]
    pub(crate) tokens: Vec<u32>,
    /// Logits after every token, one row each, and not only after the last.
    #[arg(long)]
    pub(crate) all: bool,
    /// File to write, float32 in the .npy format.
    #[arg(long, value_name = "FILE.npy")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// Tokens of prefill.
    #[arg(short = 'p', value_name = "N", default_value_t = 128)]
    pub(crate) n_prefill: u32,
    /// Tokens of decode, behind the prefill.
    #[arg(short = 'n', value_name = "N", default_value_t = 32)]
    pub(crate) n_decode: u32,
    /// Repetitions, after one that warms up.
    #[arg(short = 'r', value_name = "N", default_value_t = 5)]
    pub(crate) n_repeat: u32,
    /// Print one JSON object on one line.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
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
