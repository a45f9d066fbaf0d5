//! Real files: every GGUF of the shared test data parses, and ggml's own table of types is ours.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use ggweb_gguf::{GgmlType, Header, Parsed, parse};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Says what was left out, past the test runner, which hides what passing tests print.
fn skipped(what: &str) {
    writeln!(io::stderr(), "skipped: {what}, ../shared is not there").expect("standard error");
}

/// Every `.gguf` under `folder`.
fn gguf_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = folder.read_dir() else {
            continue;
        };
        for path in entries.map(|entry| entry.expect("a readable folder").path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "gguf")
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Parses a file's header by reading as much as the parser asks for.
fn read_header(path: &Path) -> Header {
    let mut file = File::open(path).expect("a file found before");
    let file_len = file.metadata().expect("an open file").len();
    let mut prefix = Vec::new();
    let mut at_least = 24;
    loop {
        let n_more = at_least - prefix.len() as u64;
        assert_eq!(
            (&mut file)
                .take(n_more)
                .read_to_end(&mut prefix)
                .expect("a readable file") as u64,
            n_more
        );
        match parse(&prefix, Some(file_len))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        {
            Parsed::Header(header) => return *header,
            Parsed::NeedMore { at_least: more } => at_least = more.max(2 * at_least).min(file_len),
        }
    }
}

#[test]
fn every_shared_file_parses() {
    let mut n_files = 0;
    for folder in ["arch", "quants", "models", "tokenizers"] {
        let folder = repository().join("../shared/data").join(folder);
        for path in gguf_files(&folder) {
            let header = read_header(&path);
            assert!(!header.metadata.is_empty(), "{}", path.display());
            n_files += 1;
        }
    }
    for path in gguf_files(&repository().join("models")) {
        assert!(!read_header(&path).tensors.is_empty(), "{}", path.display());
    }
    match n_files {
        0 => skipped("about 220 files"),
        _ => assert!(n_files > 200, "only {n_files} files found"),
    }
}

#[test]
fn a_real_model_has_what_its_maker_wrote() {
    let header = read_header(&repository().join("models/stories260K-q8_0.gguf"));
    assert_eq!(
        header.metadata.str("general.architecture"),
        Ok(Some("llama"))
    );
    assert_eq!(header.metadata.u32("llama.block_count"), Ok(Some(5)));
    let token_embd = header.tensor("token_embd.weight").unwrap();
    assert_eq!(token_embd.shape, [512, 64]);
    assert_eq!(
        header.tensor("blk.0.attn_q.weight").unwrap().ggml_type,
        GgmlType::Q8_0
    );
}

#[test]
fn the_table_of_types_is_that_of_ggml() {
    let path = repository().join("../shared/data/quants/types.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        skipped(&format!("{} types", GgmlType::ALL.len()));
        return;
    };
    let types: serde_json::Value = serde_json::from_str(&text).unwrap();
    let types = types.as_array().unwrap();
    assert_eq!(types.len(), GgmlType::ALL.len());
    for expected in types {
        let id = expected["id"].as_u64().unwrap() as u32;
        let ggml_type = GgmlType::from_id(id).unwrap_or_else(|| panic!("type {id} is missing"));
        assert!(
            ggml_type
                .name()
                .eq_ignore_ascii_case(expected["name"].as_str().unwrap()),
            "{ggml_type}"
        );
        assert_eq!(
            ggml_type.block_size() as u64,
            expected["block_size"].as_u64().unwrap(),
            "{ggml_type}"
        );
        assert_eq!(
            ggml_type.block_bytes() as u64,
            expected["bytes_per_block"].as_u64().unwrap(),
            "{ggml_type}"
        );
    }
}
