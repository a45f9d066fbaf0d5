// The vocabularies that texts and ids are tried on: every small one of the shared test data, or else the copies in the
// repository, and one of them under the name of every pre-tokenizer.

use std::path::Path;
use std::sync::OnceLock;

use ggweb_gguf::{Metadata, Parsed, parse};
use ggweb_tokenizer::{Tokenizer, pre_tokenizers};

/// The tokenizer that the first byte chooses, and the other bytes.
pub fn choose(data: &[u8]) -> Option<(&'static Tokenizer, &[u8])> {
    static ALL: OnceLock<Vec<Tokenizer>> = OnceLock::new();
    let all = ALL.get_or_init(load);
    let (first, rest) = data.split_first()?;
    Some((&all[usize::from(*first) % all.len()], rest))
}

fn load() -> Vec<Tokenizer> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let golden = root.join("../crates/tokenizer/tests/golden");
    let shared = root.join("../../shared/data/tokenizers/pre");
    let folder = if shared.is_dir() {
        shared
    } else {
        golden.clone()
    };
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder can be read")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "gguf")
        })
        .collect();
    paths.sort();
    let mut all: Vec<_> = paths
        .iter()
        .filter_map(|path| Tokenizer::from_metadata(&metadata(path)).ok())
        .collect();
    for name in pre_tokenizers() {
        let mut metadata = metadata(&golden.join("bpe-user.gguf"));
        metadata.set("tokenizer.ggml.pre", name);
        all.push(Tokenizer::from_metadata(&metadata).expect("a known name"));
    }
    all
}

fn metadata(path: &Path) -> Metadata {
    let file = std::fs::read(path).expect("the file can be read");
    match parse(&file, Some(file.len() as u64)) {
        Ok(Parsed::Header(header)) => header.metadata,
        other => panic!("{}: {other:?}", path.display()),
    }
}
