//! Prompts of trusted and untrusted pieces: no spelling of a user's becomes a control token.

#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ggweb_gguf::{Metadata, Parsed, Strings, parse};
use ggweb_tokenizer::{
    DetokenizeOptions, EncodeOptions, Kind, Segment, TokenAttr, TokenId, Tokenizer,
};

/// Vocabularies in `../shared/data/tokenizers`, without llama.cpp's own kind for its tests.
const N_SHARED: usize = 14 + 64;

const PARSE: EncodeOptions = EncodeOptions {
    add_special: false,
    parse_special: true,
};

#[test]
fn small_copies_are_safe() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for name in ["stories260K-vocab", "spm-user", "spm-phi3"] {
        check(&tokenizer(&golden.join(format!("{name}.gguf"))));
    }
}

#[test]
fn every_vocabulary_is_safe() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/tokenizers");
    if !shared.is_dir() {
        // Past the test runner, which hides what passing tests print.
        writeln!(
            io::stderr(),
            "skipped: {N_SHARED} vocabularies, ../shared/data is not there"
        )
        .expect("standard error");
        return;
    }
    let mut n_vocabs = 0;
    for folder in ["gguf-vocab", "pre"] {
        for path in vocabularies(&shared.join(folder)) {
            if !path.ends_with("test.gguf") {
                check(&tokenizer(&path));
                n_vocabs += 1;
            }
        }
    }
    assert_eq!(n_vocabs, N_SHARED);
}

/// What a user can type to get a control token gives none, alone and between others.
fn check(tokenizer: &Tokenizer) {
    let steering: Vec<TokenId> = (0..tokenizer.n_vocab() as TokenId)
        .filter(|id| tokenizer.attr(*id).has_any(TokenAttr::CONTROL))
        .filter(|id| std::str::from_utf8(tokenizer.token_text(*id)).is_ok())
        .take(40)
        .collect();
    let mut all = String::from("x");
    for &id in &steering {
        let text = std::str::from_utf8(tokenizer.token_text(id)).unwrap();
        all.push_str(text);
        all.push_str(" y");
        check_untrusted(tokenizer, text);
        check_between(tokenizer, id, text);
    }
    check_untrusted(tokenizer, &all);
}

fn check_untrusted(tokenizer: &Tokenizer, text: &str) {
    let untrusted = Segment {
        text,
        is_trusted: false,
    };
    let ids = tokenizer.encode_segments(&[untrusted], false).unwrap();
    for id in ids {
        // The unknown token says that there is something, and not what.
        let steers = tokenizer.attr(id).has_any(TokenAttr::CONTROL) && tokenizer.unk() != Some(id);
        assert!(!steers, "{:?} gives {id}: {tokenizer:?}", text);
    }
}

/// The same text is the token where it is trusted, and only there.
fn check_between(tokenizer: &Tokenizer, id: TokenId, text: &str) {
    let segment = |text, is_trusted| Segment { text, is_trusted };
    let segments = [
        segment(text, true),
        segment(text, false),
        segment(text, true),
    ];
    let ids = tokenizer.encode_segments(&segments, false).unwrap();
    let of_first = tokenizer.encode(text, PARSE).unwrap();
    if of_first == [id] && tokenizer.unk() != Some(id) {
        let n = ids.iter().filter(|found| **found == id).count();
        assert_eq!(n, 2, "{text:?} gives {ids:?}: {tokenizer:?}");
        assert_eq!((ids.first(), ids.last()), (Some(&id), Some(&id)));
    }
}

#[test]
fn harmless_pieces_give_what_their_text_gives() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let tokenizer = tokenizer(&golden.join("stories260K-vocab.gguf"));
    let segment = |text, is_trusted| Segment { text, is_trusted };
    let segments = [
        segment("<s>Once", true),
        segment(" upon a ti", false),
        segment("me</s>", true),
        segment("the</", false),
        segment("s>", true),
    ];
    let ids = tokenizer.encode_segments(&segments, false).unwrap();
    let whole = tokenizer.encode("<s>Once upon a time</s>", PARSE).unwrap();
    assert_eq!(ids[..whole.len()], whole);
    assert_eq!(
        ids.iter().filter(|id| **id == 2).count(),
        1,
        "{ids:?}: a token half of which is not trusted"
    );
    let text = tokenizer
        .detokenize(
            &ids,
            DetokenizeOptions {
                unparse_special: true,
                ..Default::default()
            },
        )
        .unwrap();
    assert_eq!(
        String::from_utf8(text).unwrap(),
        "<s> Once upon a time</s> the</s>"
    );
}

/// Without the file's wish for a BOS a template's own one stays, and no other comes.
#[test]
fn the_start_of_a_text_stands_once_where_the_template_alone_has_it() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut metadata = metadata(&golden.join("stories260K-vocab.gguf"));
    metadata.set("tokenizer.ggml.add_bos_token", false);
    let tokenizer = Tokenizer::from_metadata(&metadata).unwrap();
    let ids = |text| {
        let segment = Segment {
            text,
            is_trusted: true,
        };
        tokenizer.encode_segments(&[segment], true).unwrap()
    };
    let plain = ids("Once");
    assert_ne!(plain[0], 1);
    assert_eq!(ids("<s>Once"), [&[1], plain.as_slice()].concat());
}

#[test]
fn the_start_of_a_text_stands_once() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let tokenizer = tokenizer(&golden.join("stories260K-vocab.gguf"));
    let ids = |text, is_trusted, add_special| {
        tokenizer
            .encode_segments(&[Segment { text, is_trusted }], add_special)
            .unwrap()
    };
    let plain = ids("Once", true, false);
    let with_bos = [&[1], plain.as_slice()].concat();
    assert_eq!(ids("Once", true, true), with_bos);
    assert_eq!(ids("<s>Once", true, true), with_bos);
    assert_eq!(ids("<s>Once", true, false), with_bos);
    assert_eq!(ids("", true, true), [1]);
    let spelt = ids("<s>Once", false, true);
    assert_eq!(spelt.iter().filter(|id| **id == 1).count(), 1);
    assert_ne!(spelt, with_bos);
}

/// The frame of a message is recognized in plain text, as in llama.cpp, but never in what a user says.
#[test]
fn frames_of_messages_are_no_words_of_a_user() {
    let tokens: Strings = [
        "a",
        "<|start|>",
        "<|end|>",
        "<|call|>",
        "<|return|>",
        "<",
        "|",
        ">",
        "s",
        "t",
        "r",
        "e",
        "n",
        "d",
    ]
    .iter()
    .collect();
    let mut metadata = Metadata::default();
    metadata.set("tokenizer.ggml.model", "gpt2");
    metadata.set("tokenizer.ggml.pre", "gpt-4o");
    metadata.set("tokenizer.ggml.tokens", tokens);
    metadata.set("tokenizer.ggml.merges", ["a a"].iter().collect::<Strings>());
    let tokenizer = Tokenizer::from_metadata(&metadata).unwrap();
    assert_eq!(tokenizer.kind(), Kind::Gpt2);
    let plain = EncodeOptions {
        add_special: false,
        parse_special: false,
    };
    assert_eq!(
        tokenizer.encode("<|start|>a<|end|>", plain).unwrap(),
        [1, 0, 2]
    );
    let segment = |text, is_trusted| Segment { text, is_trusted };
    let segments = [
        segment("<|start|>", true),
        segment("<|start|>a<|end|>", false),
    ];
    let ids = tokenizer.encode_segments(&segments, false).unwrap();
    assert_eq!(
        ids,
        [1, 5, 6, 8, 9, 0, 10, 9, 6, 7, 0, 5, 6, 11, 12, 13, 6, 7]
    );
}

/// A control token spelt like a word comes out of plain text, as in llama.cpp, but never out of what a user says.
#[test]
fn control_tokens_spelt_like_words_are_no_words_of_a_user() {
    let tokens: Strings = ["a", "b", "ab", "c"].iter().collect();
    let mut metadata = Metadata::default();
    metadata.set("tokenizer.ggml.model", "gpt2");
    metadata.set("tokenizer.ggml.tokens", tokens);
    metadata.set("tokenizer.ggml.token_type", vec![1, 1, 3, 1]);
    // Kept without merging, and made by a merge.
    for (pre, merge) in [("llama-bpe", "c c"), ("gpt-2", "a b")] {
        metadata.set("tokenizer.ggml.pre", pre);
        metadata.set("tokenizer.ggml.merges", [merge].iter().collect::<Strings>());
        let tokenizer = Tokenizer::from_metadata(&metadata).unwrap();
        let plain = EncodeOptions {
            add_special: false,
            parse_special: false,
        };
        assert_eq!(tokenizer.encode("ab", plain).unwrap(), [2], "{pre}");
        let segment = |is_trusted| Segment {
            text: "ab",
            is_trusted,
        };
        for (is_trusted, expected) in [(true, &[2][..]), (false, &[0, 1])] {
            let ids = tokenizer.encode_segments(&[segment(is_trusted)], false);
            assert_eq!(ids.unwrap(), expected, "{pre}");
        }
    }
}

fn vocabularies(folder: &Path) -> impl Iterator<Item = PathBuf> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "gguf")
        })
}

fn tokenizer(path: &Path) -> Tokenizer {
    Tokenizer::from_metadata(&metadata(path)).unwrap()
}

fn metadata(path: &Path) -> Metadata {
    let file = std::fs::read(path).unwrap();
    match parse(&file, Some(file.len() as u64)) {
        Ok(Parsed::Header(header)) => header.metadata,
        other => panic!("{}: {other:?}", path.display()),
    }
}
