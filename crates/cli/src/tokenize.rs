//! `ggweb tokenize`: token ids of a text, or of many.

use std::fs;
use std::path::Path;

use ggweb_tokenizer::{EncodeOptions, Tokenizer};

use crate::args::TokenizeArgs;
use crate::{Result, model_file, output};

pub(crate) fn tokenize(args: &TokenizeArgs) -> Result<()> {
    let tokenizer = tokenizer_of(&args.model)?;
    let options = EncodeOptions {
        add_special: args.add_special,
        parse_special: args.parse_special,
    };
    let encode = |text: &str| tokenizer.encode(text, options);
    match (&args.input.text, &args.input.texts) {
        (Some(text), _) => {
            let ids = encode(text)?;
            output::line(if args.json {
                serde_json::to_string(&ids)?
            } else {
                join(&ids)
            })
        }
        (None, Some(path)) => {
            let ids = read_texts(path)?
                .iter()
                .map(|text| encode(text))
                .collect::<std::result::Result<Vec<_>, _>>()?;
            match args.json {
                true => output::line(serde_json::to_string(&ids)?),
                false => ids.iter().try_for_each(|ids| output::line(join(ids))),
            }
        }
        (None, None) => Err("expected --text or --texts".into()),
    }
}

/// The tokenizer of a file.
pub(crate) fn tokenizer_of(path: &Path) -> Result<Tokenizer> {
    let header = model_file::read_header(path)?;
    Tokenizer::from_metadata(&header.metadata)
        .map_err(|error| format!("{}: {error}", path.display()).into())
}

/// Ids as `--tokens` takes them.
pub(crate) fn join(ids: &[u32]) -> String {
    ids.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}

fn read_texts(path: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| {
        format!(
            "{}: expected a JSON array of strings: {error}",
            path.display()
        )
        .into()
    })
}
