//! The tokenizer against llama.cpp's own results: small copies in `golden/`, everything in `../shared/data`.

#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

mod fixtures;

use std::path::Path;

use ggweb_tokenizer::{
    DetokenizeOptions, Error, TokenAttr, Tokenizer, eog_from_metadata, pre_tokenizers,
};
use serde_json::Value;

use fixtures::{
    bytes, flags, id, ids, json, metadata, metadata_of, references, shared, string, vocab_path,
};

/// How many vocabularies `../shared/data/tokenizers` has; a test counts them.
const N_SHARED: usize = 84;
/// How many of them are of llama.cpp's own kind for its tests, which is refused.
const N_SHARED_TEST: usize = 1;

#[test]
fn small_copies_agree_with_llama_cpp() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for (name, n_flags) in [
        ("stories260K", 4),
        ("spm-user", 2),
        ("spm-phi3", 2),
        ("bpe-user", 2),
        ("wpm-default", 2),
        ("ugm-xlmr-user", 2),
        ("rwkv", 2),
    ] {
        let reference = json(&golden.join(format!("{name}.json")));
        check(
            &golden.join(string(&reference, "vocab")),
            &reference,
            n_flags,
        );
    }
}

#[test]
fn real_vocabularies_agree_with_llama_cpp() {
    let Some(shared) = shared(19) else { return };
    check_folder(&shared, "llama.cpp", 4, 19);
}

#[test]
fn every_kind_and_pre_tokenizer_agrees_with_llama_cpp() {
    let n_vocabs = N_SHARED - 19 - N_SHARED_TEST;
    let Some(shared) = shared(n_vocabs) else {
        return;
    };
    check_folder(&shared, "pre", 2, n_vocabs);
}

fn check_folder(shared: &Path, folder: &str, n_flags: usize, n_vocabs: usize) {
    let mut n_found = 0;
    for (path, reference) in references(&shared.join(folder)) {
        if reference["model"] != "test" {
            let vocab = vocab_path(shared, &path, &reference);
            check(&vocab, &reference, n_flags);
            n_found += 1;
        }
    }
    assert_eq!(n_found, n_vocabs);
}

#[test]
fn end_of_generation_agrees_with_llama_cpp_for_every_kind() {
    let Some(shared) = shared(N_SHARED) else {
        return;
    };
    let mut n_vocabs = 0;
    for folder in ["llama.cpp", "pre"] {
        for (path, reference) in references(&shared.join(folder)) {
            let metadata = metadata_of(&vocab_path(&shared, &path, &reference), &reference);
            assert_eq!(
                eog_from_metadata(&metadata),
                Ok(ids(&reference["eog"])),
                "{}",
                path.display()
            );
            let tokenizer = Tokenizer::from_metadata(&metadata);
            let is_refused = matches!(tokenizer, Err(Error::Unsupported { .. }));
            assert_eq!(is_refused, reference["model"] == "test", "{tokenizer:?}");
            n_vocabs += 1;
        }
    }
    assert_eq!(n_vocabs, N_SHARED);
}

/// Each name in the vocabulary of its group: names of one group do the same.
#[test]
fn every_name_of_a_pre_tokenizer_agrees_with_llama_cpp() {
    let Some(shared) = shared(92) else { return };
    let names = json(&shared.join("pre/names.json"));
    let names_to_groups = names["names"].as_object().unwrap();
    assert_eq!(names_to_groups.len(), 92, "with the missing key");
    for (name, group) in names_to_groups {
        let group = &names["groups"][string(group, "group")];
        let vocab = shared.join("pre").join(string(group, "vocab"));
        let reference = json(&vocab.with_extension("json"));
        let mut metadata = metadata(&vocab);
        metadata.set("tokenizer.ggml.pre", name.as_str());
        let tokenizer = Tokenizer::from_metadata(&metadata).unwrap();
        for case in reference["cases"].as_array().unwrap() {
            check_case(&tokenizer, case, 2, name);
        }
        let is_known = name.is_empty() || pre_tokenizers().any(|known| known == name);
        assert!(is_known, "{name}");
    }
}

/// Where Hugging Face and SentencePiece decide otherwise, the manifest of the data says where: llama.cpp decides.
#[test]
fn other_tokenizers_agree_too() {
    // Vocabulary, goldens, whether control tokens are recognized, how many texts differ.
    const GOLDENS: [(&str, &str, &str, usize); 13] = [
        ("llama-spm", "llama-spm", "00", 0),
        (
            "../../models/stories15M/stories15M-q4_0.gguf",
            "llama-spm",
            "00",
            0,
        ),
        (
            "../../models/stories260K/stories260K-f32.gguf",
            "stories260K-tok512",
            "00",
            0,
        ),
        (
            "../../models/minimind2-small/minimind2-small-q8_0.gguf",
            "minimind2-small",
            "01",
            0,
        ),
        ("command-r", "command-r", "01", 0),
        ("deepseek-coder", "deepseek-coder", "01", 0),
        ("deepseek-llm", "deepseek-llm", "01", 0),
        ("gpt-2", "gpt-2", "01", 0),
        ("llama-bpe", "llama-bpe", "01", 0),
        ("qwen2", "qwen2", "01", 1),
        ("qwen2", "qwen35", "01", 1),
        ("gpt-neox", "gpt-neox", "01", 10),
        ("bert-bge", "bert-bge", "01", 6),
    ];
    let Some(shared) = shared(GOLDENS.len()) else {
        return;
    };
    let texts = json(&shared.join("golden/_cases.json"));
    let texts = texts.as_array().unwrap();
    for (vocab, golden, pair, n_differ) in GOLDENS {
        let file = match vocab.ends_with(".gguf") {
            true => vocab.to_owned(),
            false => format!("ggml-vocab-{vocab}.gguf"),
        };
        let mut metadata = metadata(&shared.join("gguf-vocab").join(file));
        if golden == "qwen35" {
            metadata.set("tokenizer.ggml.pre", golden);
        }
        let tokenizer = Tokenizer::from_metadata(&metadata).unwrap();
        let expected = json(&shared.join(format!("golden/{golden}.json")));
        let expected = expected["cases"].as_array().unwrap();
        assert_eq!(texts.len(), expected.len());
        let differs = |(text, expected): &(&Value, &Value)| {
            let found = tokenizer
                .encode(text.as_str().unwrap(), flags(pair))
                .unwrap();
            found != ids(expected)
        };
        let differing: Vec<_> = texts.iter().zip(expected).filter(differs).collect();
        assert_eq!(differing.len(), n_differ, "{golden}: {differing:?}");
    }
}

/// Everything that a reference says of a vocabulary.
fn check(vocab: &Path, reference: &Value, n_flags: usize) {
    let name = format!("{} as {}", vocab.display(), reference["pre"]);
    let metadata = metadata_of(vocab, reference);
    let tokenizer = Tokenizer::from_metadata(&metadata).unwrap();
    assert_eq!(
        tokenizer.n_vocab() as u64,
        reference["n_vocab"].as_u64().unwrap(),
        "{name}"
    );
    assert_eq!(
        tokenizer.bos().map(i64::from),
        id(&reference["bos"]),
        "{name}: bos"
    );
    assert_eq!(
        tokenizer.eos().map(i64::from),
        id(&reference["eos"]),
        "{name}: eos"
    );
    for (role, id) in [
        ("unk", tokenizer.unk()),
        ("sep", tokenizer.special_ids().sep),
        ("pad", tokenizer.special_ids().pad),
        ("mask", tokenizer.special_ids().mask),
    ] {
        // Older copies do not list all roles.
        if let Some(expected) = reference.get(role) {
            assert_eq!(id.map(i64::from), self::id(expected), "{name}: {role}");
        }
    }
    if let Some(expected) = reference.get("add_sep") {
        assert_eq!(
            Some(tokenizer.add_sep()),
            expected.as_bool(),
            "{name}: add_sep"
        );
    }
    assert_eq!(
        Some(tokenizer.add_bos()),
        reference["add_bos"].as_bool(),
        "{name}: add_bos"
    );
    assert_eq!(
        Some(tokenizer.add_eos()),
        reference["add_eos"].as_bool(),
        "{name}: add_eos"
    );
    assert_eq!(tokenizer.eog(), ids(&reference["eog"]), "{name}: eog");
    assert_eq!(
        eog_from_metadata(&metadata).as_deref(),
        Ok(tokenizer.eog()),
        "{name}: eog"
    );
    check_attrs(&tokenizer, reference);
    check_pieces(&tokenizer, reference);
    let cases = reference["cases"].as_array().unwrap();
    assert!(cases.len() > 40, "{name} has {} cases", cases.len());
    for case in cases {
        check_case(&tokenizer, case, n_flags, &name);
    }
}

/// `attr` lists the tokens that are not plainly normal, byte or unused.
fn check_attrs(tokenizer: &Tokenizer, reference: &Value) {
    let Some(listed) = reference["attr"].as_object() else {
        return;
    };
    let plain = [TokenAttr::NORMAL, TokenAttr::BYTE, TokenAttr::UNUSED];
    for id in 0..tokenizer.n_vocab() as u32 {
        let attr = tokenizer.attr(id);
        match listed.get(&id.to_string()) {
            Some(bits) => assert_eq!(
                Some(u64::from(attr.bits())),
                bits.as_u64(),
                "{attr:?} of {id}"
            ),
            None => assert!(plain.contains(&attr), "{attr:?} of {id}"),
        }
    }
}

fn check_pieces(tokenizer: &Tokenizer, reference: &Value) {
    let hidden = reference["pieces_nospecial_empty"].as_array();
    let pieces = |key: &str| reference[key].as_object().into_iter().flatten();
    let texts =
        pieces("pieces").map(|(id, piece)| (id, piece.as_str().unwrap().as_bytes().to_vec()));
    let latin1 = pieces("pieces_latin1").map(|(id, piece)| {
        (
            id,
            piece
                .as_str()
                .unwrap()
                .chars()
                .map(|c| u8::try_from(c).unwrap())
                .collect(),
        )
    });
    for (id, piece) in texts.chain(latin1) {
        let id: u32 = id.parse().unwrap();
        assert_eq!(tokenizer.piece(id), piece, "piece of {id}");
        let shown = DetokenizeOptions {
            is_continuation: true,
            ..Default::default()
        };
        let shown = tokenizer.detokenize(&[id], shown).unwrap();
        let is_hidden = hidden.is_some_and(|hidden| hidden.contains(&id.into()));
        assert_eq!(
            shown.is_empty(),
            is_hidden || piece.is_empty(),
            "{id} shows as {shown:?}"
        );
    }
}

fn check_case(tokenizer: &Tokenizer, case: &Value, n_flags: usize, name: &str) {
    let text = bytes(case, "text").unwrap();
    let shown = format!("{name}: {:?}", String::from_utf8_lossy(&text));
    let of = |pair: &str| case["flags"].get(pair);
    let plain = of("00").unwrap();
    let both = of("11").or(of("10")).unwrap_or(plain);
    let pairs = match n_flags {
        4 => vec![
            ("00", plain),
            ("01", of("01").unwrap_or(plain)),
            ("10", of("10").unwrap_or(plain)),
            ("11", both),
        ],
        _ => vec![("00", plain), ("11", both)],
    };
    for (pair, expected) in pairs {
        let found = tokenizer.encode(&text, flags(pair));
        // A string tells that llama.cpp failed.
        match expected.as_str() {
            // A character has neither a token nor bytes: ours is unknown.
            Some("exception: unordered_map::at") => assert!(
                found.unwrap().contains(&tokenizer.unk().unwrap()),
                "{shown} under {pair}"
            ),
            // Bytes that go beyond Unicode: for ours each is U+FFFD.
            Some("exception: invalid codepoint") => {
                let lossy = String::from_utf8_lossy(&text);
                assert_ne!(lossy.as_bytes(), text);
                assert_eq!(
                    found,
                    tokenizer.encode(&*lossy, flags(pair)),
                    "{shown} under {pair}"
                );
            }
            Some(other) => panic!("{shown}: {other}"),
            None => assert_eq!(found.unwrap(), ids(expected), "{shown} under {pair}"),
        }
    }
    if both.is_array() {
        let detok = bytes(case, "detok").unwrap_or(text);
        let detok_plain = bytes(case, "detok_plain").unwrap_or_else(|| detok.clone());
        if n_flags == 4 {
            check_detokenize(tokenizer, &ids(both), false, true, &detok, &shown);
        }
        check_detokenize(tokenizer, &ids(both), true, false, &detok_plain, &shown);
    }
}

/// Whole and as a stream.
fn check_detokenize(
    tokenizer: &Tokenizer,
    ids: &[u32],
    remove_special: bool,
    unparse_special: bool,
    expected: &[u8],
    shown: &str,
) {
    let options = DetokenizeOptions {
        remove_special,
        unparse_special,
        is_continuation: false,
    };
    let whole = tokenizer.detokenize(ids, options).unwrap();
    assert_eq!(
        String::from_utf8_lossy(&whole),
        String::from_utf8_lossy(expected),
        "{shown} with {options:?}"
    );
    assert_eq!(whole, expected, "{shown} with {options:?}");
    let mut stream = tokenizer.detokenizer_with(options);
    let mut streamed: String = ids.iter().map(|&id| stream.push(id)).collect();
    streamed.push_str(&stream.finish());
    assert_eq!(
        streamed,
        String::from_utf8_lossy(expected),
        "{shown} streamed with {options:?}"
    );
}
