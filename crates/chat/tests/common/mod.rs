//! Templates and conversations with the prompts that jinja2 makes of them.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "a part of tests, of which each uses some"
)]

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ggweb_chat::{DateTime, Inputs, Json};
use serde_json::Value;

/// A template, and what another implementation makes of it.
#[derive(Debug)]
pub(crate) struct Golden {
    pub(crate) name: String,
    pub(crate) source: String,
    pub(crate) bos: String,
    pub(crate) eos: String,
    /// The conversation's name, whether there is a generation prompt, and the text or the error.
    pub(crate) renders: Vec<(String, bool, Result<String, String>)>,
}

/// The shared goldens; the small copies, with a line that says how many renders are left out, if they are not there.
pub(crate) fn goldens(n_shared: usize) -> (Vec<Golden>, Vec<(String, Value)>) {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/templates");
    let small = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let (renders, conversations) = match shared.is_dir() {
        true => (
            shared.join("golden_renders.json"),
            shared.join("golden_conversations.json"),
        ),
        false => (small.join("renders.json"), small.join("conversations.json")),
    };
    let goldens: Vec<Golden> = read(&renders)
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, golden)| golden_of(name, golden, &shared))
        .collect();
    let n_renders: usize = goldens.iter().map(|golden| golden.renders.len()).sum();
    if !shared.is_dir() {
        skipped(&format!("{} renders", n_shared - n_renders));
    } else {
        assert_eq!(n_renders, n_shared);
    }
    let conversations = read(&conversations)["conversations"]
        .as_object()
        .unwrap()
        .clone();
    (goldens, conversations.into_iter().collect())
}

fn golden_of(name: &str, golden: &Value, shared: &Path) -> Golden {
    let source = match golden["chat_template"].as_str() {
        Some(source) => source.to_owned(),
        None => source(name, shared),
    };
    let text = |key: &str| golden[key].as_str().unwrap_or("").to_owned();
    let renders = golden["renders"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(case, render)| {
            let (conversation, gen_) = case.split_once("|gen=").unwrap();
            let expected = match render.as_str() {
                Some(text) => Ok(text.to_owned()),
                None => Err(render["error"].as_str().unwrap().to_owned()),
            };
            (conversation.to_owned(), gen_ == "1", expected)
        });
    Golden {
        name: name.to_owned(),
        source,
        bos: text("bos_token"),
        eos: text("eos_token"),
        renders: renders.collect(),
    }
}

/// `file.jinja`, `file.json`, or `file.json#name` where a file has several.
fn source(name: &str, shared: &Path) -> String {
    let (file, part) = name.split_once('#').unwrap_or((name, ""));
    let path: PathBuf = shared.join(file);
    if file.ends_with(".jinja") {
        return std::fs::read_to_string(path).unwrap();
    }
    let template = &read(&path)["chat_template"];
    let template = template.get(part).unwrap_or(template);
    template.as_str().unwrap().to_owned()
}

/// A conversation as the goldens were made: at noon of a fixed day.
pub(crate) fn inputs(golden: &Golden, conversation: &Value, add_generation_prompt: bool) -> Inputs {
    let mut inputs = Inputs::from_json(Json::parse(&conversation.to_string()).unwrap()).unwrap();
    inputs.add_generation_prompt = add_generation_prompt;
    inputs.bos_token.clone_from(&golden.bos);
    inputs.eos_token.clone_from(&golden.eos);
    inputs.now = Some(DateTime::parse("2024-07-26T12:00:00").unwrap());
    inputs
}

/// Says what was left out, past the test runner, which hides what passing tests print.
pub(crate) fn skipped(what: &str) {
    writeln!(io::stderr(), "skipped: {what}, ../shared/data is not there").expect("standard error");
}

pub(crate) fn read(path: &Path) -> Value {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}
