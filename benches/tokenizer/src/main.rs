//! How fast tokenizers are, beside Hugging Face's on the same vocabulary, merges and pattern:
//!
//!     cargo run --release -p ggweb-bench-tokenizer [NAME]
//!
//! In WebAssembly, without the rival:
//!
//!     export CARGO_TARGET_WASM32_WASIP1_RUNNER="node --no-warnings $PWD/crates/tokenizer/tests/wasi.mjs"
//!     cargo run --release -p ggweb-bench-tokenizer --target wasm32-wasip1 [NAME]
//!
//! One thread, CPU time where the system tells it, the best of some runs over the lines of WikiText-2's test.

#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]

mod clock;
#[cfg(not(target_family = "wasm"))]
mod rival;

use std::error::Error;
use std::path::{Path, PathBuf};

use ggweb_gguf::{Metadata, Parsed, parse};
use ggweb_tokenizer::{EncodeOptions, Tokenizer};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The vocabularies, and the pattern of those that the rival can be given.
const VOCABS: [(&str, Option<&str>); 5] = [
    (
        "llama-bpe",
        Some(
            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        ),
    ),
    (
        "qwen2",
        Some(
            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        ),
    ),
    (
        "gpt-2",
        Some(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"),
    ),
    ("llama-spm", None),
    ("bert-bge", None),
];

/// How often each thing is measured; the best counts.
const N_RUN: usize = 5;

const PLAIN: EncodeOptions = EncodeOptions {
    add_special: false,
    parse_special: false,
};

fn main() -> Result<()> {
    let filter = std::env::args().nth(1).unwrap_or_default();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let text = read(&data.join("text/wiki.test.raw"))?;
    let text = String::from_utf8(text)?;
    println!(
        "| vocabulary | load ms | rival | encode MB/s | rival | times | whole text | count | decode | 100 kB word, ms | 1 MB |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for (name, pattern) in VOCABS.iter().filter(|(name, _)| name.contains(&filter)) {
        let file = data.join(format!("tokenizers/gguf-vocab/ggml-vocab-{name}.gguf"));
        bench(name, &metadata(&read(&file)?)?, *pattern, &text)?;
    }
    Ok(())
}

/// One row of the table.
fn bench(name: &str, metadata: &Metadata, pattern: Option<&str>, text: &str) -> Result<()> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let load_s = best(|| Tokenizer::from_metadata(metadata).map(drop))?;
    let tokenizer = Tokenizer::from_metadata(metadata)?;
    let encode_lines = || -> Result<Vec<u32>> {
        let mut ids = Vec::new();
        for line in &lines {
            ids.extend(tokenizer.encode(line, PLAIN)?);
        }
        Ok(ids)
    };
    let ids = encode_lines()?;
    let encode_s = best(|| encode_lines().map(drop))?;
    let whole_s = best(|| tokenizer.encode(text, PLAIN).map(drop))?;
    let count_s = best(|| tokenizer.count(text, PLAIN).map(drop))?;
    let decode_s = best(|| {
        let mut detokenizer = tokenizer.detokenizer();
        let n_byte: usize = ids.iter().map(|id| detokenizer.push(*id).len()).sum();
        if n_byte == 0 { Err("no text") } else { Ok(()) }
    })?;
    let word_s = |len| best(|| tokenizer.count(random_word(len), PLAIN).map(drop));
    let mb = text.len() as f64 / 1e6;
    let rival = rival(metadata, pattern, &lines, &ids)?;
    let (rival_load, rival_encode, times) = match rival {
        Some((load_s, rival_s)) => (
            format!("{:.0}", load_s * 1e3),
            format!("{:.1}", mb / rival_s),
            format!("{:.1}", rival_s / encode_s),
        ),
        None => ("–".to_owned(), "–".to_owned(), "–".to_owned()),
    };
    println!(
        "| {name} | {:.0} | {rival_load} | {:.1} | {rival_encode} | {times} | {:.1} | {:.1} | {:.1} | {:.0} | {:.0} |",
        load_s * 1e3,
        mb / encode_s,
        mb / whole_s,
        mb / count_s,
        mb / decode_s,
        word_s(100_000)? * 1e3,
        word_s(1_000_000)? * 1e3,
    );
    Ok(())
}

/// Seconds that the rival takes to load and to encode, after its ids were found to be ours.
#[cfg(not(target_family = "wasm"))]
fn rival(
    metadata: &Metadata,
    pattern: Option<&str>,
    lines: &[&str],
    ids: &[u32],
) -> Result<Option<(f64, f64)>> {
    let Some(pattern) = pattern else {
        return Ok(None);
    };
    let load_s = best(|| rival::load(metadata, pattern).map(drop))?;
    let rival = rival::load(metadata, pattern)?;
    if rival::encode(&rival, lines)? != ids {
        return Err("the rival's ids differ".into());
    }
    let encode_s = best(|| rival::encode(&rival, lines).map(drop))?;
    Ok(Some((load_s, encode_s)))
}

#[cfg(target_family = "wasm")]
fn rival(_: &Metadata, _: Option<&str>, _: &[&str], _: &[u32]) -> Result<Option<(f64, f64)>> {
    Ok(None)
}

/// Letters of a linear congruential generator: the same on every run.
fn random_word(len: usize) -> String {
    let mut state = 1_u64;
    let mut letter = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + ((state >> 33) % 26) as u8)
    };
    (0..len).map(|_| letter()).collect()
}

/// The shortest time of some runs, in seconds.
fn best<E: Into<Box<dyn Error>>>(
    mut run: impl FnMut() -> std::result::Result<(), E>,
) -> Result<f64> {
    let mut best = f64::INFINITY;
    for _ in 0..N_RUN {
        let clock = clock::Clock::start();
        run().map_err(Into::into)?;
        best = best.min(clock.seconds());
    }
    Ok(best)
}

fn metadata(file: &[u8]) -> Result<Metadata> {
    match parse(file, Some(file.len() as u64))? {
        Parsed::Header(header) => Ok(header.metadata),
        other => Err(format!("{other:?}").into()),
    }
}

fn read(path: &PathBuf) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()).into())
}
