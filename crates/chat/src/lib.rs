//! Chat: the prompt of a conversation by the template that a model file carries, and the tool calls and the reasoning
//! in what the model answers.
//!
//! Pure: no files, no clock, no tokenizer. A prompt comes as [`Segment`]s, of which those that came with the
//! conversation must not be taken for control tokens.

mod error;
mod json;

mod jinja;
mod template;

mod default_template;
mod parts;
mod prompt;

mod output;

pub use default_template::{DEFAULT_TEMPLATE_NAME, Warning};
pub use error::{Error, Result};
pub use jinja::DateTime;
pub use json::Json;
pub use output::{Event, FORMATS, OutputFormat, OutputParser, ToolCall};
pub use prompt::{Prompt, Segment};
pub use template::{Inputs, Template};
