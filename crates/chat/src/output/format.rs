//! What a format is made of.

use super::table::FORMATS;
use crate::error::{Error, Result};
use crate::template::Template;

/// How a family of models writes its answers.
#[derive(Debug)]
#[non_exhaustive]
pub struct OutputFormat {
    /// The name of the format.
    pub name: &'static str,
    /// Models that write it.
    pub models: &'static str,
    /// A call as it is written.
    pub example: &'static str,
    /// What the template of such a model has in it, all of it.
    pub(super) needles: &'static [&'static str],
    pub(super) calls: CallSyntax,
    /// Openings and closings of reasoning; recognized before any text.
    pub(super) reasoning: &'static [(&'static str, &'static str)],
    /// Tags without a meaning for the caller.
    pub(super) skip: &'static [&'static str],
    /// Where the answer ends, if a token's text came through.
    pub(super) stops: &'static [&'static str],
    /// Answers in several messages, each behind a header.
    pub(super) messages: Option<&'static Messages>,
}

/// How calls are written.
#[derive(Debug)]
pub(super) enum CallSyntax {
    None,
    /// Objects with name and arguments, alone, one after the other or in an array.
    Json {
        open: &'static [&'static str],
        /// Empty if the calls end with their array or object.
        close: &'static str,
        /// Whether the name is the key of the arguments.
        is_keyed: bool,
    },
    /// As `Json`, and the answer may begin with the object, without a tag.
    BareJson {
        open: &'static [&'static str],
    },
    /// A name in front of a JSON value.
    Named(Named),
    /// A name, and a tag for each parameter.
    Tags(Tags),
    /// Calls as Python writes them, in an array.
    Python {
        open: &'static str,
        close: &'static str,
    },
    /// `call:name{key:value}`
    Gemma {
        open: &'static str,
        close: &'static str,
        quote: &'static str,
    },
    /// The header of a message names the tool; the message is the arguments.
    Recipient,
}

/// A name in front of a JSON value.
#[derive(Debug)]
pub(super) struct Named {
    /// Around all calls; empty if there is nothing.
    pub(super) section: (&'static str, &'static str),
    pub(super) open: &'static str,
    /// Between name and arguments.
    pub(super) name_end: &'static str,
    /// Behind the arguments; empty if there is nothing.
    pub(super) close: &'static str,
    /// Splits the call's own name off: it stands before this or behind it.
    pub(super) id: Id,
}

/// Where a call's own name stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Id {
    None,
    Before(&'static str),
    After(&'static str),
    /// `functions.name:0` is both.
    Whole,
    /// There is none, but a type before this, which says nothing.
    Type(&'static str),
}

/// A name, and a tag for each parameter.
#[derive(Debug)]
pub(super) struct Tags {
    /// Around all calls; empty if there is nothing.
    pub(super) section: (&'static str, &'static str),
    pub(super) call: Head,
    pub(super) call_close: &'static str,
    pub(super) parameter: Head,
    pub(super) parameter_close: &'static str,
}

/// An opening tag with a name in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) open: &'static str,
    /// Behind the name; if it is empty, the name ends at white space or at the next tag.
    pub(super) name_end: &'static str,
    /// The end of the tag, if more may stand behind the name.
    pub(super) head_end: &'static str,
}

/// Answers in several messages.
#[derive(Debug)]
pub(super) struct Messages {
    /// What a header begins with. The prompt has written the first one.
    pub(super) start: &'static str,
    pub(super) header_end: &'static str,
    /// What ends a message.
    pub(super) ends: &'static [&'static str],
    /// Whether the header is nothing but the tool's name.
    pub(super) is_name_header: bool,
    /// Parts of a header that say that the message is reasoning.
    pub(super) reasoning: &'static [&'static str],
}

impl OutputFormat {
    /// The format of a name.
    ///
    /// # Errors
    /// [`Error::UnknownFormat`] with the names that there are.
    pub fn by_name(name: &str) -> Result<&'static Self> {
        let found = FORMATS.iter().find(|format| format.name == name);
        found.ok_or_else(|| Error::UnknownFormat {
            name: name.to_owned(),
            known: FORMATS.iter().map(|format| format.name).collect(),
        })
    }

    /// The format of the model that a template belongs to: the first row whose marks it has; the last one has none.
    pub fn of_template(template: &Template) -> &'static Self {
        let has_all = |format: &&Self| {
            format
                .needles
                .iter()
                .all(|needle| template.source().contains(needle))
        };
        FORMATS
            .iter()
            .find(has_all)
            .unwrap_or(&FORMATS[FORMATS.len() - 1])
    }

    /// Whether an answer behind this prompt begins inside of reasoning: the prompt has opened it, and not closed it.
    pub fn is_reasoning_open(&self, prompt: &str) -> bool {
        let prompt = prompt.trim_end();
        self.reasoning
            .iter()
            .any(|(open, _)| prompt.ends_with(open.trim_end()))
    }

    /// Whether a whole answer shows that the prompt had opened its reasoning: it closes what it did not open.
    pub fn closes_reasoning(&self, answer: &str) -> bool {
        self.reasoning.iter().any(
            |(open, close)| match (answer.find(open), answer.find(close)) {
                (Some(open), Some(close)) => close < open,
                (open, close) => close.is_some() && open.is_none(),
            },
        )
    }
}
