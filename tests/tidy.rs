//! The house rules, as tests. Each says what to do when it fails.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use ggweb_tests::data::{repo, report};
use serde_json::Value;

/// Crates that compile without the GPU and without JavaScript.
const PURE: [&str; 5] = ["gguf", "tokenizer", "chat", "sampler", "reference"];

/// What no pure crate may have in its tree.
const IMPURE: [&str; 3] = ["wgpu", "wasm-bindgen", "web-sys"];

/// Largest sizes, in lines without tests.
const MAX_RUST_LINES: usize = 400;
const MAX_TYPESCRIPT_LINES: usize = 300;
const MAX_WGSL_LINES: usize = 150;
const MAX_WGSL_COLUMNS: usize = 100;

/// The only places that may ask for the target.
const TARGET_ARCH: [&str; 2] = ["crates/gpu/src/platform/mod.rs", "crates/wasm/"];

#[test]
fn crates_use_each_other_as_the_list_says() {
    let allowed = allowed_edges();
    for (name, uses) in edges(&metadata(&["--no-deps"])) {
        let allowed = allowed.get(&name).unwrap_or_else(|| {
            panic!("ARCHITECTURE.md, \"Who may use whom\", has no line for {name}: add it there")
        });
        for used in uses {
            assert!(
                allowed.contains(&used),
                "{name} uses {used}: drop it, or add it to \"Who may use whom\" in ARCHITECTURE.md"
            );
        }
    }
}

#[test]
fn pure_crates_have_no_gpu_and_no_javascript_below_them() {
    // Their tree is the same on every target; this one is the strictest.
    let metadata = metadata(&["--filter-platform", "wasm32-unknown-unknown"]);
    for name in PURE {
        let below = everything_below(&metadata, &format!("ggweb-{name}"));
        for impure in IMPURE {
            assert!(
                !below.contains(impure),
                "{name} must build without {impure}"
            );
        }
        assert!(
            below.len() > 1 || name == "sampler",
            "the tree of {name} was not read"
        );
    }
}

#[test]
fn model_never_names_wgpu() {
    for (path, text) in files(".rs").into_iter().chain(files("Cargo.toml")) {
        if path.starts_with("crates/model/") {
            // Comments may say what is absent.
            let names = |line: &str| line.contains("wgpu") && !line.trim_start().starts_with("//");
            assert!(
                !text.lines().any(names),
                "{path} names wgpu: only crates/gpu may"
            );
        }
    }
}

#[test]
fn the_target_is_asked_for_in_two_places_only() {
    let word = ["target", "_arch"].concat();
    for (path, text) in files(".rs") {
        let allowed = TARGET_ARCH.iter().any(|place| path.starts_with(place));
        assert!(
            allowed || !text.contains(&word),
            "{path} asks for {word}: put it into {TARGET_ARCH:?}"
        );
    }
}

#[test]
fn each_shader_has_a_twin_a_binding_and_a_case() {
    let texts = |folder: &str| -> String {
        let files = files(".rs")
            .into_iter()
            .filter(|(path, _)| path.starts_with(folder));
        files.map(|(_, text)| text).collect()
    };
    let bindings = texts("crates/gpu/src/ops/");
    let cases = texts("tests/ops/");
    let shaders: Vec<_> = files(".wgsl")
        .into_iter()
        .filter(|(path, _)| path.matches('/').count() == 1)
        .collect();
    assert!(!shaders.is_empty(), "shaders/ was not read");
    let mut wrong = Vec::new();
    for (path, text) in shaders {
        let stem = path
            .trim_start_matches("shaders/")
            .trim_end_matches(".wgsl");
        let mut rule = |holds: bool, message: &str| {
            if !holds {
                wrong.push(format!("{path}: {message}"));
            }
        };
        let twin = text.lines().find_map(|line| line.strip_prefix("// Twin: "));
        rule(twin.is_some(), "its header has no line `// Twin: …`");
        rule(
            twin.is_some_and(|twin| repo().join(twin).is_file()),
            "its twin is not there",
        );
        rule(
            text.contains(&format!("fn {stem}(")),
            "the entry point is to be called like the file",
        );
        rule(
            bindings.contains(&format!("\"{stem}\"")),
            "no file of crates/gpu/src/ops names it",
        );
        rule(
            cases.contains(&format!("fn {stem}")),
            "tests/ops has no test whose name begins with it",
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_short_enough() {
    let mut wrong = Vec::new();
    let mut sizes: BTreeMap<String, Vec<(usize, String)>> = BTreeMap::new();
    for (ending, max_lines) in [
        (".rs", MAX_RUST_LINES),
        (".ts", MAX_TYPESCRIPT_LINES),
        (".wgsl", MAX_WGSL_LINES),
    ] {
        for (path, text) in files(ending) {
            // A flat forward may be longer: it is a list of ops and nothing else.
            let flat = path.ends_with("/forward.rs");
            let n_line = text
                .split("\n#[cfg(test)]")
                .next()
                .unwrap_or_default()
                .lines()
                .count();
            if n_line > max_lines && !flat {
                wrong.push(format!(
                    "{path}: {n_line} lines, allowed {max_lines}: split it by concept"
                ));
            }
            sizes.entry(folder(&path)).or_default().push((n_line, path));
        }
    }
    for (path, text) in files(".wgsl") {
        for (i, line) in text.lines().enumerate() {
            let n_column = line.chars().count();
            if n_column > MAX_WGSL_COLUMNS {
                wrong.push(format!(
                    "{path}:{}: {n_column} columns, allowed {MAX_WGSL_COLUMNS}",
                    i + 1
                ));
            }
        }
    }
    print_sizes(sizes);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn print_sizes(sizes: BTreeMap<String, Vec<(usize, String)>>) {
    report("folder                 files  lines  median  longest");
    for (folder, mut files) in sizes {
        files.sort();
        let n_file = files.len();
        let n_line: usize = files.iter().map(|(n, _)| n).sum();
        let median = files[n_file / 2].0;
        let (longest, path) = &files[n_file - 1];
        report(&format!(
            "{folder:22} {n_file:5} {n_line:6} {median:7} {longest:8} {path}"
        ));
    }
}

#[test]
fn links_in_documents_resolve() {
    let mut n_link = 0;
    for (path, text) in files(".md") {
        let folder = Path::new(&path).parent().unwrap_or(Path::new(""));
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let target = link.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            n_link += 1;
            assert!(
                repo().join(folder).join(target).exists(),
                "{path}: the link {link} leads nowhere"
            );
        }
    }
    report(&format!("tidy: {n_link} links between files"));
}

#[test]
fn nothing_names_a_machine_or_hides_a_test() {
    // Put together here, so that this file does not hold them itself.
    let banned: Vec<String> = [
        ["/wo", "rk/"],
        ["/ro", "ot/"],
        ["/ho", "me/"],
        ["#[ig", "nore"],
        ["to", "do!("],
    ]
    .iter()
    .map(|halves| halves.concat())
    .collect();
    for ending in [
        ".rs", ".toml", ".md", ".ts", ".mjs", ".js", ".html", ".json", ".wgsl", "run",
    ] {
        for (path, text) in files(ending) {
            for word in &banned {
                assert!(!text.contains(word.as_str()), "{path} holds {word}");
            }
        }
    }
}

/// Every file of the repository with an ending, by its path from the root; what git ignores is no part.
fn files(ending: &str) -> Vec<(String, String)> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(repo())
        .output()
        .expect("git lists the files");
    let listed = String::from_utf8(listed.stdout).expect("paths are UTF-8");
    let paths = listed
        .lines()
        .filter(|path| path.ends_with(ending) && repo().join(path).is_file());
    paths.map(|path| (path.to_owned(), read(path))).collect()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(repo().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// `crates/gpu` of `crates/gpu/src/ops/rope.rs`, `shaders` of `shaders/formats/f16.wgsl`.
fn folder(path: &str) -> String {
    let depth = if path.starts_with("crates/") || path.starts_with("web/") {
        2
    } else {
        1
    };
    path.split('/').take(depth).collect::<Vec<_>>().join("/")
}

fn metadata(options: &[&str]) -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1"])
        .args(options)
        .current_dir(repo())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

/// The lines `a, b → c, d (comment)` of the first block behind "Who may use whom" in ARCHITECTURE.md.
fn allowed_edges() -> BTreeMap<String, BTreeSet<String>> {
    let text = read("ARCHITECTURE.md");
    let list = text
        .split("Who may use whom")
        .nth(1)
        .expect("ARCHITECTURE.md says who may use whom");
    let block = list
        .split("```")
        .nth(1)
        .expect("the list is a fenced block");
    let names = |text: &str| -> Vec<String> {
        let text = text.split('(').next().unwrap_or_default();
        text.split(',')
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect()
    };
    let mut allowed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in block.lines().filter(|line| line.contains('→')) {
        let (users, used) = line.split_once('→').expect("the line has an arrow");
        for user in names(users) {
            allowed.entry(user).or_default().extend(names(used));
        }
    }
    allowed
}

/// What each package of `crates/` uses of the others, tests apart.
fn edges(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let short = |name: &Value| Some(name.as_str()?.strip_prefix("ggweb-")?.to_owned());
    let mut edges = BTreeMap::new();
    for package in list(&metadata["packages"]) {
        let manifest = package["manifest_path"].as_str().unwrap_or_default();
        let (Some(name), true) = (short(&package["name"]), manifest.contains("/crates/")) else {
            continue;
        };
        let used = list(&package["dependencies"])
            .iter()
            .filter(|dependency| dependency["kind"].is_null());
        edges.insert(
            name,
            used.filter_map(|dependency| short(&dependency["name"]))
                .collect(),
        );
    }
    assert!(
        edges.contains_key("engine"),
        "cargo metadata has no package of ours"
    );
    edges
}

/// Names of all packages that a package needs, on any target, tests apart; itself among them.
fn everything_below(metadata: &Value, root: &str) -> BTreeSet<String> {
    let names: BTreeMap<&str, &str> = list(&metadata["packages"])
        .iter()
        .filter_map(|package| Some((package["id"].as_str()?, package["name"].as_str()?)))
        .collect();
    let nodes: BTreeMap<&str, &Value> = list(&metadata["resolve"]["nodes"])
        .iter()
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let mut below = BTreeSet::new();
    let mut queue: Vec<&str> = names
        .iter()
        .filter(|(_, name)| **name == root)
        .map(|(id, _)| *id)
        .collect();
    while let Some(id) = queue.pop() {
        if below.insert(names[id].to_owned()) {
            let deps = list(&nodes[id]["deps"]).iter();
            let normal = deps.filter(|dep| {
                list(&dep["dep_kinds"])
                    .iter()
                    .any(|kind| kind["kind"].is_null())
            });
            queue.extend(normal.filter_map(|dep| dep["pkg"].as_str()));
        }
    }
    below
}

fn list(json: &Value) -> &[Value] {
    json.as_array().map_or(&[], Vec::as_slice)
}
