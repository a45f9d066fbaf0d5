//! The subcommands that need a file only, as a script uses them.

mod ggweb;

use std::path::{Path, PathBuf};

use ggweb::{Outcome, ggweb};
use ggweb_gguf::{GgmlType, Strings, Writer};
use serde_json::{Value as Json, json};

/// A file with this name and a vocabulary of a few tokens, and a tensor.
fn model(name: &str, tokenizer: &str) -> PathBuf {
    let tokens: Strings = [
        "<unk>",
        "<s>",
        "</s>",
        "\u{2581}",
        "h",
        "i",
        "hi",
        "\u{2581}hi",
        "<0xC3>",
    ]
    .iter()
    .collect();
    let mut writer = Writer::new();
    writer.set("general.architecture", "llama");
    writer
        .set("llama.context_length", 8192_u32)
        .set("llama.block_count", 2_u32)
        .set("llama.embedding_length", 64_u32);
    writer
        .set("llama.attention.head_count", 4_u32)
        .set("llama.attention.head_count_kv", 2_u32);
    writer
        .set("tokenizer.ggml.model", tokenizer)
        .set("tokenizer.ggml.tokens", tokens);
    writer.set("tokenizer.ggml.token_type", vec![2, 3, 3, 1, 1, 1, 1, 1, 6]);
    writer.tensor(
        "token_embd.weight",
        GgmlType::Q8_0,
        &[9, 64],
        vec![0; 9 * 2 * 34],
    );
    write(name, &writer.to_vec())
}

fn write(name: &str, bytes: &[u8]) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).expect("a writable folder");
    path
}

fn run(arguments: &[&str], model: &Path) -> Outcome {
    let mut all: Vec<&str> = arguments.to_vec();
    let model = model.to_str().expect("a path of text");
    match arguments[0] {
        "inspect" => all.push(model),
        _ => all.extend(["--model", model]),
    }
    ggweb(&all)
}

#[test]
fn tokenize_gives_ids() {
    let model = model("tokenize.gguf", "llama");
    assert_eq!(
        run(&["tokenize", "--text", "hi hi"], &model).success(),
        "7,7\n"
    );
    assert_eq!(
        run(&["tokenize", "--text", "hi hi", "--add-special"], &model).success(),
        "1,7,7\n"
    );
    assert_eq!(
        run(
            &["tokenize", "--text", "hi</s>", "--parse-special", "--json"],
            &model
        )
        .stdout,
        "[7,2]\n"
    );
    assert_eq!(
        run(&["tokenize", "--text", "", "--json"], &model).success(),
        "[]\n"
    );

    let texts = write("texts.json", br#"["hi", "", "hi hi"]"#);
    let texts = texts.to_str().unwrap();
    assert_eq!(
        run(&["tokenize", "--texts", texts, "--json"], &model).success(),
        "[[7],[],[7,7]]\n"
    );
    assert_eq!(
        run(&["tokenize", "--texts", texts], &model).success(),
        "7\n\n7,7\n"
    );
}

#[test]
fn detokenize_gives_text() {
    let model = model("detokenize.gguf", "llama");
    assert_eq!(
        run(&["detokenize", "--tokens", "7,7"], &model).success(),
        "hi hi\n"
    );
    assert_eq!(
        run(&["detokenize", "--tokens", "1,7", "--json"], &model).success(),
        "\"<s> hi\"\n"
    );
    assert_eq!(
        run(&["detokenize", "--tokens", "1,7", "--skip-special"], &model).success(),
        " hi\n"
    );
    assert_eq!(
        run(&["detokenize", "--tokens", "8", "--json"], &model).success(),
        "\"\u{FFFD}\"\n"
    );
}

#[test]
fn inspect_shows_what_a_file_holds() {
    let model = model("inspect.gguf", "llama");
    let text = run(&["inspect"], &model).success();
    for line in [
        "  llama.block_count = 2 (u32)\n",
        "[9, 64]",
        "  head_dim = 16\n",
        "memory at n_ctx = 4096\n",
    ] {
        assert!(text.contains(line), "{line:?} in\n{text}");
    }
    let json: Json =
        serde_json::from_str(&run(&["inspect", "--json", "--n-ctx", "100"], &model).success())
            .unwrap();
    assert_eq!(json["metadata"]["tokenizer.ggml.tokens"][6], json!("hi"));
    assert_eq!(
        json["tensors"],
        json!([{
            "name": "token_embd.weight",
            "type": "Q8_0",
            "shape": [9, 64],
            "offset": json["data_offset"],
            "bytes": 612,
        }])
    );
    assert_eq!(json["hparams"]["n_head_kv"], json!(2));
    assert_eq!(json["hparams"]["n_vocab"], json!(9));
    // 100 tokens, 2 layers, keys and values of 2 heads of 16, f16.
    let kv_bytes = 100 * 2 * 2 * 2 * 16 * 2;
    assert_eq!(
        json["memory"],
        json!({
            "n_ctx": 100,
            "weights_bytes": 612,
            "kv_bytes": kv_bytes,
            "activation_bytes": null,
            "total_bytes": 612 + kv_bytes,
        })
    );
}

#[test]
fn what_is_wrong_with_a_file_goes_to_standard_error() {
    let whole = std::fs::read(model("whole.gguf", "llama")).unwrap();
    let cut = write("cut.gguf", &whole[..100]);
    let message = run(&["inspect"], &cut).failure();
    assert!(
        message.starts_with("error: ") && message.contains("cut.gguf: the file is truncated"),
        "{message}"
    );

    let page = write("page.gguf", b"<!DOCTYPE html><html></html>");
    let message = run(&["tokenize", "--text", "hi"], &page).failure();
    assert!(message.contains("page.gguf: not a GGUF file"), "{message}");

    let message = run(&["inspect"], Path::new("no/such.gguf")).failure();
    assert!(
        message.starts_with("error: cannot read no/such.gguf: "),
        "{message}"
    );
    let message = run(&["inspect"], Path::new(env!("CARGO_TARGET_TMPDIR"))).failure();
    assert!(message.contains("is a directory"), "{message}");

    let other = model("other.gguf", "no-such-kind");
    let message = run(&["tokenize", "--text", "hi"], &other).failure();
    assert!(
        message.contains("other.gguf: tokenizer kind \"no-such-kind\""),
        "{message}"
    );

    let model = model("fine.gguf", "llama");
    let message = run(&["detokenize", "--tokens", "7,9"], &model).failure();
    assert_eq!(
        message,
        "error: token id 9 is outside the vocabulary: ids go from 0 to 8\n"
    );
    let texts = write("not-texts.json", b"{}");
    let message = run(&["tokenize", "--texts", texts.to_str().unwrap()], &model).failure();
    assert!(
        message.contains("not-texts.json: expected a JSON array of strings"),
        "{message}"
    );
}

#[test]
fn wrong_arguments_are_named() {
    let model = model("arguments.gguf", "llama");
    let message = run(&["tokenize"], &model).failure();
    assert!(message.contains("--text"), "{message}");
    let message = run(&["tokenize", "--text", "a", "--texts", "b"], &model).failure();
    assert!(message.contains("cannot be used with"), "{message}");
    let message = run(&["detokenize", "--tokens", "1,x"], &model).failure();
    assert!(message.contains("invalid value 'x'"), "{message}");
    let message = run(&["run", "--tier", "best"], &model).failure();
    assert!(
        message.contains("--tier") && message.contains("best"),
        "{message}"
    );
    let message = run(&["run", "--cache-type-k", "q8_0"], &model).failure();
    assert!(
        message.contains("--cache-type-k") && message.contains("q8_0"),
        "{message}"
    );
}

#[test]
fn what_comes_later_is_refused_by_name() {
    let model = model("later.gguf", "llama");
    let options = [
        "--lora",
        "--mmproj",
        "--image",
        "--cpu-fallback",
        "--grammar",
        "--json-schema",
        "--model-draft",
    ];
    for option in options {
        for subcommand in ["run", "bench"] {
            let message = run(&[subcommand, option, "x"], &model).failure();
            assert!(
                message.starts_with(&format!("error: {option}: ")) && message.contains("not yet"),
                "{message}"
            );
        }
        let message = run(
            &["logits", "--tokens", "1", "--out", "never.npy", option],
            &model,
        )
        .failure();
        assert!(
            message.contains(option) && message.contains("not yet"),
            "{message}"
        );
    }
}
