//! What stands in for the template of a file that has none.

use std::fmt;

use crate::error::Result;
use crate::template::Template;

/// The name of the default.
pub const DEFAULT_TEMPLATE_NAME: &str = "chatml";

/// The form that most models without a template of their own were trained on.
const DEFAULT_TEMPLATE: &str = "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + \
     '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/// What the caller should tell the user.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// The file has no template, and the default one is taken.
    NoTemplate {
        /// Its name.
        default: &'static str,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTemplate { default } => write!(
                f,
                "the file has no chat template: prompts are written as \"{default}\", which the model may not know; \
                 convert the model again with its template, or give one"
            ),
        }
    }
}

impl Template {
    /// The template of a file, or the default one with a warning to pass on.
    ///
    /// # Errors
    /// As [`Template::parse`].
    pub fn of_file(source: Option<&str>) -> Result<(Self, Option<Warning>)> {
        let warning = Warning::NoTemplate {
            default: DEFAULT_TEMPLATE_NAME,
        };
        match source {
            Some(source) => Ok((Self::parse(source)?, None)),
            None => Ok((Self::parse(DEFAULT_TEMPLATE)?, Some(warning))),
        }
    }
}
