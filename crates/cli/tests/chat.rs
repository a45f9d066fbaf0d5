//! The subcommands for chats, as a script uses them.

mod ggweb;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use ggweb::ggweb;
use ggweb_gguf::{Strings, Writer};
use serde_json::{Value as Json, json};

const MESSAGES: &str = r#"[{"role": "user", "content": "hi</s>"}]"#;

fn write(name: &str, bytes: &[u8]) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).expect("a writable folder");
    path.to_str().expect("a path of text").to_owned()
}

/// A file with a vocabulary of a few tokens, and perhaps a template.
fn model(name: &str, template: Option<&str>) -> String {
    let tokens = [
        "<unk>", "<s>", "</s>", "\u{2581}", "h", "i", "<", "/", "s", ">",
    ];
    let tokens: Strings = tokens.iter().collect();
    let mut writer = Writer::new();
    writer
        .set("general.architecture", "llama")
        .set("tokenizer.ggml.model", "llama")
        .set("tokenizer.ggml.tokens", tokens)
        .set(
            "tokenizer.ggml.token_type",
            vec![2, 3, 3, 1, 1, 1, 1, 1, 1, 1],
        )
        .set("tokenizer.ggml.add_space_prefix", false);
    if let Some(template) = template {
        writer.set("tokenizer.chat_template", template);
    }
    write(name, &writer.to_vec())
}

#[test]
fn template_prints_the_prompt_and_nothing_else() {
    let template = "{{ bos_token }}{% for m in messages %}[{{ m.content }}]{% endfor %}{{ x }}\
                    {{ strftime_now('%d %b %Y') }}{% if add_generation_prompt %}>{% endif %}";
    let template = write("plain.jinja", template.as_bytes());
    let messages = write("messages.json", MESSAGES.as_bytes());
    let arguments = [
        "template",
        "--template",
        &template,
        "--messages",
        &messages,
        "--now",
        "2024-07-26T12:00:00",
    ];
    assert_eq!(ggweb(&arguments).success(), "[hi</s>]26 Jul 2024");
    let more = [
        "--bos",
        "<s>",
        "--add-generation-prompt",
        "--arg",
        "x={\"a\": [1, null]}",
    ];
    let prompt = ggweb(&[&arguments[..], &more].concat()).success();
    assert_eq!(prompt, "<s>[hi</s>]{'a': [1, None]}26 Jul 2024>");
    let conversation = format!(r#"{{"messages": {MESSAGES}, "x": "y"}}"#);
    let conversation = write("conversation.json", conversation.as_bytes());
    let prompt = ggweb(&[&arguments[..4], &[&conversation], &arguments[5..]].concat()).success();
    assert_eq!(prompt, "[hi</s>]y26 Jul 2024");
    let message = ggweb(&[&arguments[..], &["--arg", "x=y"]].concat()).failure();
    assert!(message.contains("x='\"y\"'"), "{message}");
    let message = ggweb(&[&arguments[..], &["--ids"]].concat()).failure();
    assert!(message.contains("--model"), "{message}");
}

#[test]
fn template_that_refuses_fails_in_its_own_words() {
    let template = write(
        "refuses.jinja",
        b"{{ raise_exception('No ' + messages[0].role) }}",
    );
    let messages = write("refused.json", MESSAGES.as_bytes());
    let message = ggweb(&["template", "--template", &template, "--messages", &messages]).failure();
    assert_eq!(
        message,
        "error: the chat template refuses the conversation: No user\n"
    );
}

#[test]
fn ids_of_a_prompt_are_safe() {
    let model = model(
        "template.gguf",
        Some("{{ bos_token }}{{ messages[0].content }}{{ eos_token }}"),
    );
    let messages = write("safe.json", MESSAGES.as_bytes());
    let arguments = ["template", "--model", &model, "--messages", &messages];
    assert_eq!(ggweb(&arguments).success(), "<s>hi</s></s>");
    // BOS once, though the file and its template both ask for it; EOS is the template's only.
    let ids = ggweb(&[&arguments[..], &["--ids"]].concat()).success();
    assert_eq!(ids, "[1,4,5,6,7,8,9,2]\n");
}

#[test]
fn file_without_a_template_is_warned_of() {
    let model = model("no-template.gguf", None);
    let messages = write("default.json", MESSAGES.as_bytes());
    let outcome = ggweb(&["template", "--model", &model, "--messages", &messages]);
    assert!(
        outcome.stderr.contains("warning: ") && outcome.stderr.contains("\"chatml\""),
        "{}",
        outcome.stderr
    );
    assert_eq!(outcome.success(), "<|im_start|>user\nhi</s><|im_end|>\n");
}

#[test]
fn parse_output_prints_an_event_a_line() {
    let answer = "<think>\nHm.\n</think>\n\nLook:\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool_call>";
    let file = write("answer.txt", format!("{answer}<|im_end|>\n").as_bytes());
    let expected = [
        json!({"type": "reasoning", "text": "Hm."}),
        json!({"type": "text", "text": "Look:"}),
        json!({"type": "tool_call_begin", "index": 0, "name": "f"}),
        json!({"type": "tool_call_arguments", "index": 0, "arguments": "{\"a\": 1}"}),
        json!({"type": "tool_call_end", "index": 0, "name": "f", "arguments": {"a": 1}}),
    ];
    let events = |arguments: &[&str]| -> Vec<Json> {
        let printed = ggweb(&[&["parse-output"], arguments].concat()).success();
        printed
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    };
    assert_eq!(
        events(&["--format", "hermes", "--file", &file, "--json"]),
        expected
    );
    let source = "{# <tool_call> #}{% if add_generation_prompt %}<think>\n{% endif %}";
    let model = model("format.gguf", Some(source));
    assert_eq!(events(&["--model", &model, "--file", &file]), expected);
    // The prompt has opened the reasoning, and nothing has closed it.
    let unclosed = write("unclosed.txt", b"Still on it");
    let reasoning = json!({"type": "reasoning", "text": "Still on it"});
    assert_eq!(
        events(&["--model", &model, "--file", &unclosed]),
        std::slice::from_ref(&reasoning)
    );
    assert_eq!(
        events(&["--format", "hermes", "--in-reasoning", "--file", &unclosed]),
        [reasoning]
    );
    let closed = write("closed.txt", b"Hm.</think>Hello");
    let expected = [
        json!({"type": "reasoning", "text": "Hm."}),
        json!({"type": "text", "text": "Hello"}),
    ];
    assert_eq!(events(&["--format", "hermes", "--file", &closed]), expected);
    let message = ggweb(&["parse-output", "--format", "nope", "--file", &closed]).failure();
    assert!(
        message.contains("\"nope\"") && message.contains("hermes"),
        "{message}"
    );
}

#[test]
fn chat_reads_lines_and_commands() {
    let adapter = std::env::var("GPU_TESTS").ok();
    if adapter.as_deref() == Some("off") {
        // Written past the test runner, which hides what passing tests print.
        writeln!(
            io::stderr(),
            "not run: chat_reads_lines_and_commands, GPU_TESTS=off"
        )
        .expect("standard error");
        return;
    }
    let saved = write("saved.json", b"");
    let mut command = Command::new(env!("CARGO_BIN_EXE_ggweb"));
    command.env("XDG_CACHE_HOME", ggweb::cache_dir());
    command.args([
        "chat",
        "--temp",
        "0",
        "--n-predict",
        "4",
        "--system",
        "Be brief.",
    ]);
    command.args(adapter.iter().flat_map(|adapter| ["--adapter", adapter]));
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut chat = command.spawn().expect("the binary runs");
    let lines = format!("One day\n\n/save {saved}\n/no\n/reset\nOne day\n/quit\nnot read\n");
    let mut stdin = chat.stdin.take().expect("a pipe");
    stdin
        .write_all(lines.as_bytes())
        .expect("the lines are read");
    drop(stdin);
    let output = chat.wait_with_output().expect("an end");
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{stderr}");
    assert!(
        stderr.contains("\"chatml\"") && stderr.contains("3 messages in"),
        "{stderr}"
    );
    assert!(stderr.contains("/no is no command"), "{stderr}");
    // Begun anew, the same words have the same answer.
    let saved: Json =
        serde_json::from_str(&std::fs::read_to_string(saved).expect("a file")).expect("JSON");
    let answer = saved[2]["content"].as_str().expect("an answer");
    assert_eq!(
        (&saved[0]["role"], &saved[1]["content"]),
        (&json!("system"), &json!("One day"))
    );
    assert_eq!(stdout, format!("{answer}\n{answer}\n"));
}
