//! What must hold for any text and any ids, tried on many made by a small generator.

#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use ggweb_gguf::{Parsed, parse};
use ggweb_tokenizer::{DetokenizeOptions, EncodeOptions, Kind, TokenId, Tokenizer};

/// The vocabularies that are always at hand.
const SMALL: [&str; 7] = [
    "stories260K-vocab",
    "spm-user",
    "spm-phi3",
    "bpe-user",
    "wpm-default",
    "ugm-xlmr-user",
    "rwkv",
];

/// Vocabularies of `../shared/data/tokenizers/pre` whose kind gives every text back.
const N_SHARED: usize = 48;

const PLAIN: EncodeOptions = EncodeOptions {
    add_special: false,
    parse_special: false,
};

/// A linear congruential generator with Knuth's constants: the same numbers on every run.
struct Random(u64);

impl Random {
    /// A number below `n`.
    fn below(&mut self, n: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(n)) as u32
    }

    /// Words, white space and characters of every length, but never the one that stands for a space.
    fn text(&mut self) -> String {
        const WORDS: [&str; 16] = [
            "Once", " upon", " a time", " ", "  ", "\n", "\t", "</s>", "<0x0A>", "the", "[INST]",
            "\u{0}", "'ll", "1234", "你好", " .",
        ];
        let n = self.below(20);
        (0..n)
            .map(|_| match self.below(4) {
                0 => char::from_u32(self.below(0x11_0000))
                    .unwrap_or('é')
                    .to_string(),
                1 => char::from_u32(self.below(0x800)).unwrap_or('a').to_string(),
                _ => WORDS[self.below(16) as usize].to_owned(),
            })
            .filter(|part| part != "\u{2581}")
            .collect()
    }

    fn bytes(&mut self) -> Vec<u8> {
        (0..self.below(30)).map(|_| self.below(256) as u8).collect()
    }
}

fn golden(vocab: &str) -> Tokenizer {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    tokenizer(&folder.join(format!("{vocab}.gguf")))
}

fn tokenizer(path: &Path) -> Tokenizer {
    let file = std::fs::read(path).unwrap();
    match parse(&file, Some(file.len() as u64)) {
        Ok(Parsed::Header(header)) => Tokenizer::from_metadata(&header.metadata).unwrap(),
        other => panic!("{}: {other:?}", path.display()),
    }
}

fn streamed(tokenizer: &Tokenizer, ids: &[TokenId], options: DetokenizeOptions) -> String {
    let mut stream = tokenizer.detokenizer_with(options);
    let mut text: String = ids.iter().map(|&id| stream.push(id)).collect();
    text.push_str(&stream.finish());
    text
}

#[test]
fn text_comes_back() {
    let tokenizer = golden("stories260K-vocab");
    let mut random = Random(1);
    for _ in 0..5000 {
        let text = random.text();
        let ids = tokenizer.encode(&text, PLAIN).unwrap();
        let options = DetokenizeOptions::default();
        assert_eq!(
            tokenizer.detokenize(&ids, options).unwrap(),
            text.as_bytes(),
            "{text:?}"
        );
        assert_eq!(streamed(&tokenizer, &ids, options), text);

        // With a BOS taken off again the prefix stays, as in llama.cpp.
        let with_bos = tokenizer.encode(&text, EncodeOptions::default()).unwrap();
        assert_eq!(with_bos[1..], ids);
        let options = DetokenizeOptions {
            remove_special: true,
            ..options
        };
        let prefix = if text.is_empty() { "" } else { " " };
        assert_eq!(
            streamed(&tokenizer, &with_bos, options),
            format!("{prefix}{text}")
        );
    }
}

/// Byte-level and byte-fallback vocabularies keep every text, and each token says where it comes from.
#[test]
fn text_comes_back_from_every_kind_that_keeps_it() {
    check_round_trip(&golden("bpe-user"), "bpe-user");
    check_round_trip(&golden("rwkv"), "rwkv");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/tokenizers/pre");
    if !folder.is_dir() {
        // Past the test runner, which hides what passing tests print.
        writeln!(
            io::stderr(),
            "skipped: {N_SHARED} vocabularies, ../shared/data is not there"
        )
        .expect("standard error");
        return;
    }
    let mut n_vocabs = 0;
    for path in vocabularies(&folder) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        // Without byte tokens a text loses what no token spells; k-mers lose their case.
        if ["test", "bpe-missing-bytes", "hybriddna"].contains(&name) {
            continue;
        }
        let tokenizer = tokenizer(&path);
        if matches!(
            tokenizer.kind(),
            Kind::Gpt2 | Kind::Gemma4 | Kind::Rwkv | Kind::Plamo2
        ) {
            check_round_trip(&tokenizer, name);
            n_vocabs += 1;
        }
    }
    assert_eq!(n_vocabs, N_SHARED);
}

fn check_round_trip(tokenizer: &Tokenizer, name: &str) {
    let options = DetokenizeOptions {
        is_continuation: true,
        unparse_special: true,
        ..Default::default()
    };
    let mut random = Random(4);
    for _ in 0..200 {
        // PLaMo 2 drops the mark at the start of a text.
        let text = random.text().replace('\u{FEFF}', "");
        let spans = tokenizer.encode_with_spans(&text, PLAIN).unwrap();
        let ids: Vec<TokenId> = spans.iter().map(|token| token.id).collect();
        assert_eq!(streamed(tokenizer, &ids, options), text, "{name}: {ids:?}");
        let mut end = 0;
        for token in &spans {
            assert_eq!(token.span.start, end, "{name}: {text:?}: {token:?}");
            end = token.span.end;
            let piece = tokenizer.piece(token.id);
            assert_eq!(
                &text.as_bytes()[token.span.clone()],
                piece,
                "{name}: {token:?}"
            );
        }
        assert_eq!(end, text.len(), "{name}");
    }
}

/// Lists, counts and places agree with each other, for any bytes.
#[test]
fn counts_and_spans_agree_with_the_ids() {
    for vocab in SMALL {
        let tokenizer = golden(vocab);
        let mut random = Random(5);
        for round in 0..1000 {
            let options = EncodeOptions {
                add_special: round & 1 != 0,
                parse_special: round & 2 != 0,
            };
            let text = match round & 4 {
                0 => random.text().into_bytes(),
                _ => random.bytes(),
            };
            let ids = tokenizer.encode(&text, options).unwrap();
            assert_eq!(tokenizer.count(&text, options), Ok(ids.len()));
            let spans = tokenizer.encode_with_spans(&text, options).unwrap();
            assert!(
                spans.iter().map(|token| token.id).eq(ids),
                "{vocab}: {spans:?}"
            );
            let mut start = 0;
            for token in spans {
                let span = token.span;
                assert!(
                    start <= span.start && span.start <= span.end,
                    "{vocab}: {span:?}"
                );
                assert!(span.end <= text.len(), "{vocab}: {span:?}");
                start = span.start;
            }
        }
    }
}

#[test]
fn user_text_never_becomes_a_control_token() {
    let tokenizer = golden("stories260K-vocab");
    let mut random = Random(2);
    for _ in 0..2000 {
        let text = format!(
            "{}<s>{}</s>{}<unk>",
            random.text(),
            random.text(),
            random.text()
        );
        let ids = tokenizer.encode(&text, PLAIN).unwrap();
        assert!(ids.iter().all(|id| *id > 2), "{text:?}: {ids:?}");
        let parsed = tokenizer
            .encode(
                &text,
                EncodeOptions {
                    parse_special: true,
                    ..PLAIN
                },
            )
            .unwrap();
        assert!(
            [0, 1, 2].iter().all(|id| parsed.contains(id)),
            "{text:?}: {parsed:?}"
        );
    }
}

#[test]
fn any_bytes_and_any_ids_will_do() {
    for vocab in SMALL {
        let tokenizer = golden(vocab);
        let n_vocab = tokenizer.n_vocab() as u32;
        let mut random = Random(3);
        for round in 0..2000 {
            let encode = EncodeOptions {
                add_special: round & 1 != 0,
                parse_special: round & 2 != 0,
            };
            let mut ids = tokenizer.encode(random.bytes(), encode).unwrap();
            ids.extend((0..random.below(10)).map(|_| random.below(n_vocab)));
            let options = DetokenizeOptions {
                remove_special: round & 4 != 0,
                unparse_special: round & 8 != 0,
                is_continuation: round & 16 != 0,
            };
            let whole = tokenizer.detokenize(&ids, options).unwrap();
            assert_eq!(
                streamed(&tokenizer, &ids, options),
                String::from_utf8_lossy(&whole),
                "{vocab}: {ids:?}"
            );
        }
    }
}

/// One word without an end, in every kind: time grows little more than its length.
#[test]
fn long_words_take_little_time() {
    for vocab in SMALL {
        let tokenizer = golden(vocab);
        for letter in ["a", "é", " ", "\n", "1", "ab", "\u{301}", "你"] {
            let text = letter.repeat(100_000);
            let n = tokenizer.count(&text, PLAIN).unwrap();
            assert!(n <= text.len() + 1, "{vocab}: {letter:?} gives {n}");
        }
    }
}

fn vocabularies(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "gguf")
        })
        .collect();
    paths.sort();
    paths
}
