//! What can be wrong with a template, a conversation or a format's name.

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

/// Why there is no prompt, or no parser.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The template's text is not a template.
    #[error("chat template, line {line}: {message}")]
    Syntax {
        /// The line, from 1.
        line: u32,
        /// What was expected and what was found.
        message: String,
    },
    /// The template refuses the conversation (`raise_exception`).
    #[error("the chat template refuses the conversation: {message}")]
    Refused {
        /// The template's own words.
        message: String,
    },
    /// The template does something with the conversation that cannot be done.
    #[error(
        "chat template, line {line}: {message}; is the conversation in the form that the template expects?"
    )]
    Render {
        /// The line of the statement, from 1.
        line: u32,
        /// What was expected and what was found.
        message: String,
    },
    /// The template does more work, or makes more text, than any sensible prompt needs.
    #[error(
        "chat template, line {line}: more than {limit}; the template does not end, or the conversation is too long"
    )]
    Limit {
        /// The line of the statement, from 1.
        line: u32,
        /// The limit, with its unit.
        limit: String,
    },
    /// A text is not JSON.
    #[error("not JSON at byte {offset}: expected {expected}")]
    Json {
        /// Where.
        offset: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// A value of the conversation has another type than it should.
    #[error("{what}: expected {expected}")]
    Conversation {
        /// Which part of the conversation.
        what: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The last message cannot be continued: the template leaves out its content.
    #[error(
        "the last message cannot be continued: it must be an assistant's, with content that the chat template prints; \
         add a generation prompt instead"
    )]
    NothingToContinue,
    /// A time that cannot be read.
    #[error("\"{found}\" is not a time; expected YYYY-MM-DD or YYYY-MM-DDThh:mm:ss")]
    Time {
        /// The text.
        found: String,
    },
    /// No output format has this name.
    #[error("no output format is called \"{name}\"; known: {}", .known.join(", "))]
    UnknownFormat {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<&'static str>,
    },
}
