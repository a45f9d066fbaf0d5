//! The template language of chat templates: Jinja with Python's values, in as much as `apply_chat_template` of Hugging
//! Face's `transformers` gives it.
//!
//! Unlike other implementations of it, every text knows which of its bytes came from the conversation ([`Text`]), and
//! every step and byte is paid for ([`Budget`]).

mod budget;
mod call;
mod text;
mod value;

mod ast;
mod lexer;
mod parse_expr;
mod parse_steps;
mod parse_stmt;

mod eval;
mod exec;
mod scope;

mod filters;
mod format;
mod functions;
mod methods;
mod ops;
mod seq_filters;
mod show;
mod str_methods;
mod strftime;
mod tests_is;
mod tojson;

pub(crate) use ast::Program;
pub(crate) use budget::{Budget, Fault};
pub(crate) use exec::run;
pub(crate) use parse_stmt::parse;
pub(crate) use show::float;
pub use strftime::DateTime;
pub(crate) use text::{Origin, Text};
pub(crate) use tojson::push_escaped;
pub(crate) use value::{Dict, List, ListKind, Value};
