//! What a model answers, taken apart while it streams: text, reasoning and tool calls.
//!
//! Adding a format is a row in `table` and a fixture in `tests/outputs`.

mod event;
mod format;
mod table;

mod input;
mod messages;
mod parser;
mod sections;

mod calls;
mod json_calls;
mod json_scan;
mod tagged;

mod gemma;
mod pythonic;
mod value;

pub use event::{Event, ToolCall};
pub use format::OutputFormat;
pub use parser::OutputParser;
pub use table::FORMATS;
