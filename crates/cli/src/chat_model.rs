//! What a model file says of chats: its template, its BOS and EOS.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use ggweb_chat::{DateTime, Inputs, Json, Prompt, Template};
use ggweb_gguf::Metadata;
use ggweb_tokenizer::{Segment, Tokenizer};

use crate::{Result, model_file};

/// The template of a model file with the texts that it needs.
pub(crate) struct ChatModel {
    pub(crate) template: Template,
    pub(crate) bos: String,
    pub(crate) eos: String,
    /// Missing if its kind is not there yet.
    pub(crate) tokenizer: Result<Tokenizer>,
}

impl ChatModel {
    /// Reads the file's header, and its template unless there is another. A file without one gets the default one, and
    /// a warning on standard error.
    pub(crate) fn open(path: &Path, has_tools: bool, template: Option<&Path>) -> Result<Self> {
        let metadata = model_file::read_header(path)?.metadata;
        let explain = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let template = match template {
            Some(template) => parse(template)?,
            None => {
                let source = template_of(&metadata, has_tools).map_err(|error| explain(&error))?;
                let (template, warning) =
                    Template::of_file(source).map_err(|error| explain(&error))?;
                if let Some(warning) = warning {
                    writeln!(io::stderr(), "warning: {}: {warning}", path.display())?;
                }
                template
            }
        };
        let tokenizer = Tokenizer::from_metadata(&metadata);
        let text = |id: Option<u32>, key: &str| match (id, metadata.u32(key)) {
            (Some(id), _) | (None, Ok(Some(id))) => token_text(&metadata, id),
            _ => String::new(),
        };
        let (bos, eos) = match &tokenizer {
            Ok(tokenizer) => (tokenizer.bos(), tokenizer.eos()),
            Err(_) => (None, None),
        };
        Ok(Self {
            template,
            bos: text(bos, "tokenizer.ggml.bos_token_id"),
            eos: text(eos, "tokenizer.ggml.eos_token_id"),
            tokenizer: tokenizer.map_err(|error| explain(&error).into()),
        })
    }

    /// A template alone, which renders text and no ids.
    pub(crate) fn without_file(template: &Path) -> Result<Self> {
        Ok(Self {
            template: parse(template)?,
            bos: String::new(),
            eos: String::new(),
            tokenizer: Err("ids need --model".into()),
        })
    }

    /// The ids of a prompt: nothing that came with the messages becomes a control token, and BOS stands once.
    pub(crate) fn encode(&self, mut prompt: Prompt) -> Result<Vec<u32>> {
        let tokenizer = self.tokenizer.as_ref().map_err(|error| error.to_string())?;
        let has_bos = prompt.take_bos(&self.bos);
        let segments: Vec<Segment<'_>> = prompt
            .segments
            .iter()
            .map(|segment| Segment {
                text: &segment.text,
                is_trusted: segment.is_trusted,
            })
            .collect();
        let ids = tokenizer.encode_segments(&segments, false)?;
        let bos = tokenizer
            .bos()
            .filter(|bos| (has_bos || tokenizer.add_bos()) && ids.first() != Some(bos));
        Ok(bos.into_iter().chain(ids).collect())
    }
}

fn parse(path: &Path) -> Result<Template> {
    Template::parse(&read(path)?).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// The template for tools where there are tools and the file has one, the plain one otherwise.
fn template_of(metadata: &Metadata, has_tools: bool) -> ggweb_gguf::Result<Option<&str>> {
    let for_tools = match has_tools {
        true => metadata.str("tokenizer.chat_template.tool_use")?,
        false => None,
    };
    match for_tools {
        Some(template) => Ok(Some(template)),
        None => metadata.str("tokenizer.chat_template"),
    }
}

fn token_text(metadata: &Metadata, id: u32) -> String {
    let tokens = metadata.strings("tokenizer.ggml.tokens").ok().flatten();
    let text = tokens.and_then(|tokens| tokens.get(id as usize));
    String::from_utf8_lossy(text.unwrap_or_default()).into_owned()
}

/// The messages of a file, and the tools of another one.
pub(crate) fn read_inputs(messages: &Path, tools: Option<&Path>) -> Result<Inputs> {
    let mut inputs = Inputs::from_json(read_json(messages)?)
        .map_err(|error| format!("{}: {error}", messages.display()))?;
    if let Some(tools) = tools {
        inputs.tools = Some(read_json(tools)?);
    }
    Ok(inputs)
}

pub(crate) fn read_json(path: &Path) -> Result<Json> {
    Json::parse(&read(path)?).map_err(|error| format!("{}: {error}", path.display()).into())
}

pub(crate) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()).into())
}

/// The time in UTC.
pub(crate) fn now() -> DateTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    DateTime::from_unix(since.map_or(0, |since| since.as_secs() as i64))
}
