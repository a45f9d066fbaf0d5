//! The command line of what has to do with chat.

use std::path::PathBuf;

use clap::Args;
use ggweb_chat::{DateTime, Json};

use crate::args::EngineArgs;

#[derive(Debug, Args)]
pub(crate) struct TemplateArgs {
    #[command(flatten)]
    pub(crate) source: TemplateSource,
    /// Text of the token that begins a prompt; the model's own otherwise.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) bos: Option<String>,
    /// Text of the token that ends an answer; the model's own otherwise.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) eos: Option<String>,
    /// File with a JSON array of messages, or an object of messages, perhaps tools, and other arguments.
    #[arg(long, value_name = "FILE.json")]
    pub(crate) messages: PathBuf,
    /// File with a JSON array of tools.
    #[arg(long, value_name = "FILE.json")]
    pub(crate) tools: Option<PathBuf>,
    /// End with the beginning of an answer.
    #[arg(long)]
    pub(crate) add_generation_prompt: bool,
    /// End inside the last message, which is the beginning of an answer.
    #[arg(long, conflicts_with = "add_generation_prompt")]
    pub(crate) continue_final_message: bool,
    /// Any other argument of the template, as `enable_thinking=false`.
    #[arg(long, value_name = "KEY=JSON", value_parser = parse_argument)]
    pub(crate) arg: Vec<(String, Json)>,
    /// The time that the template may write; now otherwise, in UTC.
    #[arg(long, value_name = "ISO-TIME", value_parser = DateTime::parse)]
    pub(crate) now: Option<DateTime>,
    /// Print token ids as one JSON array; nothing of the messages becomes a control token.
    #[arg(long, requires = "model")]
    pub(crate) ids: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct TemplateSource {
    /// GGUF file; one that holds a vocabulary only will do.
    #[arg(long, value_name = "FILE")]
    pub(crate) model: Option<PathBuf>,
    /// File with a template, in place of the model's own.
    #[arg(long, value_name = "FILE.jinja")]
    pub(crate) template: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ParseOutputArgs {
    #[command(flatten)]
    pub(crate) source: FormatSource,
    /// File with the answer.
    #[arg(long, value_name = "TEXT")]
    pub(crate) file: PathBuf,
    /// File with a JSON array of tools, which tell the types of arguments.
    #[arg(long, value_name = "FILE.json")]
    pub(crate) tools: Option<PathBuf>,
    /// The answer begins inside of reasoning, because the prompt has opened it.
    #[arg(long)]
    pub(crate) in_reasoning: bool,
    /// Print one JSON object a line, as without it.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct FormatSource {
    /// Name of the output format.
    #[arg(long, value_name = "NAME")]
    pub(crate) format: Option<String>,
    /// GGUF file whose template tells the format.
    #[arg(long, value_name = "FILE")]
    pub(crate) model: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ChatArgs {
    /// What the model is told before everything else.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) system: Option<String>,
    /// How many tokens an answer has at most; what the context holds otherwise.
    #[arg(long, value_name = "N")]
    pub(crate) n_predict: Option<u32>,
    /// Temperature; 0 takes the most likely token.
    #[arg(
        long,
        value_name = "T",
        default_value_t = 0.8,
        allow_negative_numbers = true
    )]
    pub(crate) temp: f32,
    /// Key of the random numbers: the same seed gives the same answers.
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Any argument of the template, as `enable_thinking=false`.
    #[arg(long, value_name = "KEY=JSON", value_parser = parse_argument)]
    pub(crate) arg: Vec<(String, Json)>,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
}

/// `key=JSON`
fn parse_argument(text: &str) -> Result<(String, Json), String> {
    let (key, value) = text
        .split_once('=')
        .ok_or("expected KEY=JSON, as enable_thinking=false")?;
    match Json::parse(value) {
        Ok(value) => Ok((key.to_owned(), value)),
        Err(error) => Err(format!("{error}; a text wants quotes: {key}='\"{value}\"'")),
    }
}
