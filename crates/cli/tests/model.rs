//! The subcommands that run a model: the default one, on whatever adapter there is.
//!
//! No adapter is a failure, unless `GPU_TESTS=off` says that there is none.

mod ggweb;

use std::io::{self, Write};
use std::path::PathBuf;

use ggweb::{Outcome, ggweb, ggweb_in};
use serde_json::{Value as Json, json};

/// The value of `GPU_TESTS`: unset, any adapter; `off`, none; else a part of an adapter's name.
fn gpu_tests() -> Option<String> {
    std::env::var("GPU_TESTS").ok()
}

/// Whether tests that need an adapter run; says so where they do not.
fn has_adapter(test: &str) -> bool {
    let is_off = gpu_tests().is_some_and(|value| value == "off");
    if is_off {
        // Written past the test runner, which hides what passing tests print.
        writeln!(io::stderr(), "skipped: {test}, GPU_TESTS=off").expect("standard error");
    }
    !is_off
}

/// Runs a subcommand on the adapter to test.
fn on_adapter(arguments: &[&str]) -> Outcome {
    match gpu_tests() {
        Some(adapter) => ggweb(&[arguments, &["--adapter", &adapter]].concat()),
        None => ggweb(arguments),
    }
}

/// The names of an object's fields, in order.
fn keys(object: &Json) -> Vec<&str> {
    object
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect()
}

fn run_json(arguments: &[&str]) -> Json {
    let outcome =
        on_adapter(&[&["run", "--json", "--n-predict", "8"], arguments].concat()).success();
    assert_eq!(outcome.lines().count(), 1, "one object on one line");
    serde_json::from_str(&outcome).expect("JSON")
}

#[test]
fn what_int8_costs_is_remembered_once() {
    if !has_adapter("what_int8_costs_is_remembered_once") {
        return;
    }
    let cache = ggweb::cache_dir().join("remembered");
    let file = cache.join("ggweb").join("activations.txt");
    let run = |more: &[&str]| {
        let name = gpu_tests();
        let adapter = name
            .as_deref()
            .map_or_else(Vec::new, |name| vec!["--adapter", name]);
        let arguments = ["run", "--json", "--n-predict", "8", "--prompt", "Once"];
        ggweb_in(&cache, &[&arguments[..], more, &adapter].concat())
    };
    let activations = |more: &[&str]| {
        let json: Json = serde_json::from_str(&run(more).success()).expect("JSON");
        json["activations"].as_str().expect("a name").to_owned()
    };
    let lines = || {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        text.lines().map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(activations(&["--exact"]), "f32");
    assert!(lines().is_empty(), "nobody had to know");
    let first = activations(&[]);
    let known = lines();
    assert_eq!(activations(&[]), first);
    assert_eq!(known, lines(), "nothing is measured twice");
    // Some adapters gain nothing by it: there nothing is measured.
    assert!(known.len() <= 1, "{known:?}");
    assert!(first == "f32" || known.len() == 1, "{first}, {known:?}");
    let both = run(&["--exact", "--activations", "int8"]);
    assert!(both.failure().contains("exclude each other"));
}

#[test]
fn run_prints_the_object_that_scripts_read() {
    if !has_adapter("run_prints_the_object_that_scripts_read") {
        return;
    }
    let answer = run_json(&["--prompt", "Once upon a time", "--temp", "0"]);
    let expected = [
        "prompt_tokens",
        "tokens",
        "text",
        "stop_reason",
        "timings",
        "adapter",
        "tier",
        "params",
        "activations",
    ];
    assert_eq!(keys(&answer), expected);
    let timings = [
        "load_ms",
        "ttft_ms",
        "prefill_ms",
        "decode_ms",
        "prefill_tok_s",
        "decode_tok_s",
    ];
    assert_eq!(keys(&answer["timings"]), timings);
    assert!(
        timings.iter().all(|key| answer["timings"][key]
            .as_f64()
            .is_some_and(|value| value > 0.0)),
        "{answer}"
    );
    assert_eq!(answer["prompt_tokens"], json!([1, 9038, 2501, 263, 931]));
    assert_eq!(answer["tokens"].as_array().map(Vec::len), Some(8));
    assert_eq!(answer["stop_reason"], "length");

    let by_ids = run_json(&["--tokens", "1,9038,2501,263,931", "--temp", "0"]);
    assert_eq!(
        by_ids["tokens"], answer["tokens"],
        "ids and text are the same prompt"
    );
}

#[test]
fn every_option_of_a_run_is_taken() {
    if !has_adapter("every_option_of_a_run_is_taken") {
        return;
    }
    let prompt = ["--prompt", "Once upon a time"];
    let run = |more: &str| run_json(&[&prompt[..], &more.split(' ').collect::<Vec<_>>()].concat());
    let greedy = run("--temp 0")["tokens"].clone();
    // Each leaves nothing but the likeliest token, however hot.
    for only_one in ["--top-k 1", "--top-p 0.001", "--min-p 1"] {
        let tokens = &run(&format!("{only_one} --temp 5 --seed 9"))["tokens"];
        assert_eq!(*tokens, greedy, "{only_one}");
    }
    assert_ne!(run("--temp 0 --repeat-penalty 5")["tokens"], greedy);
    let how = "--temp 0 --ignore-eos --tier base --params gpu --limits adapter --cache-type-k f32 \
               --cache-type-v f32 --runtime-checks --n-ctx 64 --activations f32";
    let how: Vec<&str> = how.split_whitespace().collect();
    let answer = run_json(&[&prompt[..], &how].concat());
    assert_eq!(answer["tier"], "base");
    assert_eq!(answer["params"], "gpu");
    assert_eq!(answer["activations"], "f32");
    assert_eq!(answer["tokens"], greedy, "another order of sums");
}

#[test]
fn the_same_seed_gives_the_same_text_in_another_process() {
    if !has_adapter("the_same_seed_gives_the_same_text_in_another_process") {
        return;
    }
    let texts: Vec<Json> = ["7", "7", "8"]
        .iter()
        .map(|seed| {
            run_json(&["--prompt", "One day", "--temp", "2", "--seed", seed])["tokens"].clone()
        })
        .collect();
    assert_eq!(texts[0], texts[1]);
    assert_ne!(texts[0], texts[2]);
}

#[test]
fn run_streams_text_and_closes_with_one_line() {
    if !has_adapter("run_streams_text_and_closes_with_one_line") {
        return;
    }
    let arguments = [
        "run",
        "--prompt",
        "Once upon a time",
        "--temp",
        "0",
        "--n-predict",
        "8",
    ];
    let outcome = on_adapter(&arguments);
    let closing = outcome.stderr.trim().to_owned();
    for part in [
        "5 prompt + 8 generated tokens",
        "TTFT",
        "tok/s",
        "ms/token",
        "GB/s",
        "tier",
    ] {
        assert!(closing.contains(part), "{part} in {closing}");
    }
    let json = run_json(&["--prompt", "Once upon a time", "--temp", "0"]);
    assert_eq!(
        outcome.success().trim_end_matches('\n'),
        json["text"].as_str().unwrap().trim_end_matches('\n')
    );
}

#[test]
fn logits_writes_npy_files() {
    if !has_adapter("logits_writes_npy_files") {
        return;
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let read = |name: &str, more: &[&str]| {
        let path = folder.join(name);
        let out = path.to_str().unwrap();
        on_adapter(&[&["logits", "--tokens", "1,9038,2501", "--out", out], more].concat())
            .success();
        std::fs::read(&path).unwrap()
    };
    let (last, all) = (read("last.npy", &[]), read("all.npy", &["--all"]));
    let row_bytes = 32_000 * 4;
    assert!(String::from_utf8_lossy(&last[..128]).contains("'shape': (32000,)"));
    assert!(String::from_utf8_lossy(&all[..128]).contains("'shape': (3, 32000,)"));
    assert_eq!(
        (last.len(), all.len()),
        (128 + row_bytes, 128 + 3 * row_bytes)
    );
    let values = |bytes: &[u8]| -> Vec<f32> {
        bytes
            .chunks_exact(4)
            .map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()))
            .collect()
    };
    let (last, all_last) = (values(&last[128..]), values(&all[128 + 2 * row_bytes..]));
    let argmax = |row: &[f32]| (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b]));
    assert_eq!(argmax(&last), argmax(&all_last));
    assert!(last.iter().all(|logit| logit.is_finite()));
}

#[test]
fn bench_prints_the_object_that_scripts_read() {
    if !has_adapter("bench_prints_the_object_that_scripts_read") {
        return;
    }
    let stdout = on_adapter(&["bench", "-p", "8", "-n", "2", "-r", "2", "--json"]).success();
    let report: Json = serde_json::from_str(&stdout).expect("JSON");
    for phase in ["prefill", "decode"] {
        for unit in ["tok_s", "tok_cpu_s"] {
            let rates: Vec<f64> = ["min", "median", "max"]
                .iter()
                .map(|key| report[phase][unit][key].as_f64().unwrap())
                .collect();
            assert!(
                rates[0] > 0.0 && rates.is_sorted(),
                "{phase} {unit}: {rates:?}"
            );
        }
    }
    for key in ["bytes_per_token", "gb_s", "dispatches_per_token"] {
        assert!(
            report[key].as_f64().is_some_and(|value| value > 0.0),
            "{key}: {report}"
        );
    }
    for key in ["adapter", "tier", "params", "logits_hash"] {
        assert!(
            report[key].as_str().is_some_and(|value| !value.is_empty()),
            "{key}: {report}"
        );
    }
}

#[test]
fn an_adapter_that_is_not_there_is_an_error() {
    if !has_adapter("an_adapter_that_is_not_there_is_an_error") {
        return;
    }
    let message = ggweb(&["run", "--adapter", "no such adapter"]).failure();
    assert!(message.contains("no such adapter"), "{message}");
}

#[test]
fn a_prompt_longer_than_the_context_is_an_error() {
    if !has_adapter("a_prompt_longer_than_the_context_is_an_error") {
        return;
    }
    let message = on_adapter(&["run", "--n-ctx", "4", "--tokens", "1,2,3,4,5"]).failure();
    assert!(message.contains("context"), "{message}");
    let message = on_adapter(&["run", "--tokens", "32000"]).failure();
    assert!(message.contains("32000"), "{message}");
}
