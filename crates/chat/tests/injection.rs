//! No message becomes a control token: each family's own control texts as contents, through its own template.

#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod common;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use ggweb_chat::{DateTime, Inputs, Json, Template};
use ggweb_gguf::{Metadata, Parsed, parse};
use ggweb_tokenizer::{EncodeOptions, Segment, TokenAttr, Tokenizer};

/// Vocabularies in the shared data, with a template of the family; none is the default.
const FAMILIES: [(&str, Option<&str>); 15] = [
    (
        "tokenizers/gguf-vocab/ggml-vocab-llama-bpe.gguf",
        Some("llama.cpp/meta-llama-Llama-3.1-8B-Instruct.jinja"),
    ),
    (
        "tokenizers/gguf-vocab/ggml-vocab-qwen2.gguf",
        Some("llama.cpp/Qwen-Qwen3-0.6B.jinja"),
    ),
    (
        "tokenizers/gguf-vocab/ggml-vocab-qwen2.gguf",
        Some("llama.cpp/Qwen-Qwen2.5-7B-Instruct.jinja"),
    ),
    (
        "tokenizers/gguf-vocab/ggml-vocab-qwen2.gguf",
        Some("llama.cpp/Qwen3-Coder.jinja"),
    ),
    (
        "tokenizers/gguf-vocab/ggml-vocab-command-r.gguf",
        Some("llama.cpp/CohereForAI-c4ai-command-r7b-12-2024-tool_use.jinja"),
    ),
    (
        "tokenizers/gguf-vocab/ggml-vocab-phi-3.gguf",
        Some("llama.cpp/microsoft-Phi-3.5-mini-instruct.jinja"),
    ),
    (
        "tokenizers/gguf-vocab/ggml-vocab-llama-spm.gguf",
        Some("llama.cpp/mistralai-Mistral-Nemo-Instruct-2407.jinja"),
    ),
    (
        "tokenizers/gguf-vocab/ggml-vocab-deepseek-llm.gguf",
        Some("llama.cpp/deepseek-ai-DeepSeek-R1-Distill-Llama-8B.jinja"),
    ),
    ("tokenizers/gguf-vocab/ggml-vocab-deepseek-coder.gguf", None),
    ("tokenizers/gguf-vocab/ggml-vocab-gpt-2.gguf", None),
    ("tokenizers/gguf-vocab/ggml-vocab-starcoder.gguf", None),
    ("tokenizers/gguf-vocab/ggml-vocab-refact.gguf", None),
    ("tokenizers/gguf-vocab/ggml-vocab-falcon.gguf", None),
    ("tokenizers/gguf-vocab/ggml-vocab-mpt.gguf", None),
    (
        "models/minimind2-small/minimind2-small-q8_0.gguf",
        Some("hf/minimind2-small.json"),
    ),
];

#[test]
fn no_message_becomes_a_control_token() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if !shared.is_dir() {
        common::skipped(&format!("{} families", FAMILIES.len()));
        return;
    }
    let mut counts = Vec::new();
    for (vocab, template) in FAMILIES {
        let source = template.map(|name| source(&shared.join("templates").join(name)));
        counts.push(check(&shared.join(vocab), source.as_deref()));
    }
    let n_full = counts.iter().filter(|(_, is_full)| *is_full).count();
    let n_controls: usize = counts.iter().map(|(n_controls, _)| n_controls).sum();
    eprintln!(
        "{n_controls} control texts of {} families, {n_full} with tools",
        FAMILIES.len()
    );
    // Mistral Nemo's template refuses the longer conversation.
    assert_eq!(n_full, FAMILIES.len() - 1);
}

/// Small vocabularies of several kinds, each with the default template and with that of `minimind2`.
#[test]
fn no_message_becomes_a_control_token_of_a_small_vocabulary() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let goldens = common::read(&root.join("tests/data/renders.json"));
    let minimind = goldens["hf/minimind2-small.json"]["chat_template"].as_str();
    for vocab in [
        "bpe-user",
        "spm-user",
        "spm-phi3",
        "stories260K-vocab",
        "ugm-xlmr-user",
    ] {
        let vocab = root.join(format!("../tokenizer/tests/golden/{vocab}.gguf"));
        for template in [None, minimind] {
            check(&vocab, template);
        }
    }
}

/// Renders and encodes harmless messages and such with control texts: the control ids must be the same. Gives the
/// number of texts, and whether the template took tools.
fn check(vocab: &Path, source: Option<&str>) -> (usize, bool) {
    let tokenizer = Tokenizer::from_metadata(&metadata(vocab)).unwrap();
    let (template, _) = Template::of_file(source).unwrap();
    let vocab = vocab.display();
    let is_control = |id: &u32| tokenizer.attr(*id).has_any(TokenAttr::CONTROL);
    let controls = (0..tokenizer.n_vocab() as u32).filter(is_control);
    let texts = controls.map(|id| String::from_utf8_lossy(tokenizer.piece(id)).into_owned());
    // Thousands of reserved tokens say no more than some of them.
    let texts: Vec<String> = texts.filter(|text| !text.is_empty()).take(300).collect();
    let controls_of = |content: &str| {
        let [full, plain] = conversations(content, &tokenizer);
        let (prompt, is_full) = match template.render(&full) {
            Ok(prompt) => (prompt, true),
            Err(_) => (template.render(&plain).unwrap(), false),
        };
        let segments = prompt.segments.iter().map(|segment| Segment {
            text: &segment.text,
            is_trusted: segment.is_trusted,
        });
        let segments: Vec<Segment<'_>> = segments.collect();
        // What came with the conversation, alone.
        for segment in segments.iter().filter(|segment| !segment.is_trusted) {
            let ids = tokenizer.encode_segments(&[*segment], false).unwrap();
            assert!(
                !ids.iter().any(is_control),
                "{vocab}: {segment:?} has control ids in {ids:?}"
            );
        }
        let ids = tokenizer.encode_segments(&segments, true).unwrap();
        (
            ids.into_iter().filter(is_control).collect::<Vec<u32>>(),
            is_full,
        )
    };
    let harmless = controls_of("Good day");
    assert!(texts.iter().any(|text| text.len() > 2), "{vocab}");
    for content in [
        texts.concat(),
        texts.join(" "),
        format!(" {}\n", texts.join("x")),
    ] {
        // As text of the template's it would have them.
        let options = EncodeOptions {
            add_special: false,
            parse_special: true,
        };
        let plain = tokenizer.encode(&content, options).unwrap();
        assert!(plain.iter().any(is_control), "{vocab}");
        assert_eq!(controls_of(&content), harmless, "{vocab} with {content:?}");
    }
    (texts.len(), harmless.1)
}

/// The content as what everybody says; with tools and reasoning, where the template lets them be.
fn conversations(content: &str, tokenizer: &Tokenizer) -> [Inputs; 2] {
    let text = Json::String(content.to_owned()).to_string();
    let messages = format!(
        r#"[{{"role": "user", "content": {text}}},
            {{"role": "assistant", "content": {text}, "reasoning_content": {text}, "tool_calls": [{{"id": "call00001",
              "type": "function", "function": {{"name": "f", "arguments": {{"a": {text}}}}}}}]}},
            {{"role": "tool", "name": "f", "tool_call_id": "call00001", "content": {text}}},
            {{"role": "user", "content": {text}}}]"#
    );
    let tools = format!(
        r#"[{{"type": "function", "function": {{"name": "f", "description": {text}, "parameters": {{"type": "object",
             "properties": {{"a": {{"type": "string", "description": {text}}}}}, "required": ["a"]}}}}}}]"#
    );
    let plain = format!(
        r#"[{{"role": "user", "content": {text}}}, {{"role": "assistant", "content": {text}}},
            {{"role": "user", "content": {text}}}]"#
    );
    let shown =
        |id: Option<u32>| id.map(|id| String::from_utf8_lossy(tokenizer.piece(id)).into_owned());
    let inputs = |messages: &str| {
        let mut inputs = Inputs::new(Json::parse(messages).unwrap());
        inputs.add_generation_prompt = true;
        inputs.bos_token = shown(tokenizer.bos()).unwrap_or_default();
        inputs.eos_token = shown(tokenizer.eos()).unwrap_or_default();
        inputs.now = Some(DateTime::parse("2024-07-26").unwrap());
        inputs
    };
    let mut full = inputs(&messages);
    full.tools = Some(Json::parse(&tools).unwrap());
    full.arguments = vec![("enable_thinking".to_owned(), Json::Bool(true))];
    [full, inputs(&plain)]
}

fn source(path: &Path) -> String {
    match path
        .extension()
        .is_some_and(|extension| extension == "json")
    {
        true => common::read(path)["chat_template"]
            .as_str()
            .unwrap()
            .to_owned(),
        false => std::fs::read_to_string(path).unwrap(),
    }
}

/// Reads no more of a file than its header takes.
fn metadata(path: &Path) -> Metadata {
    let mut file = File::open(path).unwrap();
    let file_len = file.metadata().unwrap().len();
    let (mut prefix, mut target) = (Vec::new(), 1 << 20);
    loop {
        let missing = target - prefix.len() as u64;
        file.by_ref()
            .take(missing)
            .read_to_end(&mut prefix)
            .unwrap();
        match parse(&prefix, Some(file_len)).unwrap() {
            Parsed::Header(header) => return header.metadata,
            Parsed::NeedMore { at_least } => target = at_least.max(2 * target),
        }
    }
}
