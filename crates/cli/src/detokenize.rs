//! `ggweb detokenize`: the text of token ids.

use ggweb_tokenizer::DetokenizeOptions;

use crate::args::DetokenizeArgs;
use crate::tokenize::tokenizer_of;
use crate::{Result, output};

pub(crate) fn detokenize(args: &DetokenizeArgs) -> Result<()> {
    let options = DetokenizeOptions {
        remove_special: args.skip_special,
        unparse_special: !args.skip_special,
        is_continuation: false,
    };
    let bytes = tokenizer_of(&args.model)?.detokenize(&args.tokens, options)?;
    match args.json {
        true => output::line(serde_json::to_string(&String::from_utf8_lossy(&bytes))?),
        false => output::line(bytes),
    }
}
