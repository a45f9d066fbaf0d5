//! Options of later parts: known by name, so that they are refused and never ignored.

use clap::Args;

use crate::Result;

/// What is not there yet.
#[derive(Debug, Default, Args)]
pub(crate) struct LaterArgs {
    #[arg(long, hide = true, num_args = 0..)]
    lora: Option<Vec<String>>,
    #[arg(long, hide = true, num_args = 0..)]
    mmproj: Option<Vec<String>>,
    #[arg(long, hide = true, num_args = 0..)]
    image: Option<Vec<String>>,
    #[arg(long, hide = true, num_args = 0..)]
    cpu_fallback: Option<Vec<String>>,
    #[arg(long, hide = true, num_args = 0..)]
    grammar: Option<Vec<String>>,
    #[arg(long, hide = true, num_args = 0..)]
    json_schema: Option<Vec<String>>,
    #[arg(long, hide = true, num_args = 0..)]
    model_draft: Option<Vec<String>>,
}

impl LaterArgs {
    /// Refuses the first option that was given.
    pub(crate) fn refuse(&self) -> Result<()> {
        let options = [
            ("--lora", "LoRA adapters", &self.lora),
            ("--mmproj", "vision projectors", &self.mmproj),
            ("--image", "images", &self.image),
            (
                "--cpu-fallback",
                "running without a GPU adapter",
                &self.cpu_fallback,
            ),
            ("--grammar", "grammars", &self.grammar),
            ("--json-schema", "JSON schemas", &self.json_schema),
            ("--model-draft", "speculative decoding", &self.model_draft),
        ];
        match options.into_iter().find(|(_, _, given)| given.is_some()) {
            None => Ok(()),
            Some((option, what, _)) => {
                Err(format!("{option}: {what} not yet supported; leave the option out").into())
            }
        }
    }
}
