//! What must hold for any text and any ids, tried on many made by a small generator.

#![expect(clippy::unwrap_used, reason = "a test stops at its first surprise")]

use std::path::Path;

use ggweb_gguf::{Parsed, parse};
use ggweb_tokenizer::{DetokenizeOptions, EncodeOptions, TokenId, Tokenizer};

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
        const WORDS: [&str; 12] = [
            "Once", " upon", " a time", " ", "  ", "\n", "\t", "</s>", "<0x0A>", "the", "[INST]",
            "\u{0}",
        ];
        let n = self.below(20);
        (0..n)
            .map(|_| match self.below(4) {
                0 => char::from_u32(self.below(0x11_0000))
                    .unwrap_or('é')
                    .to_string(),
                1 => char::from_u32(self.below(0x800)).unwrap_or('a').to_string(),
                _ => WORDS[self.below(12) as usize].to_owned(),
            })
            .filter(|part| part != "\u{2581}")
            .collect()
    }

    fn bytes(&mut self) -> Vec<u8> {
        (0..self.below(30)).map(|_| self.below(256) as u8).collect()
    }
}

fn tokenizer(vocab: &str) -> Tokenizer {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(vocab);
    let file = std::fs::read(path).unwrap();
    match parse(&file, Some(file.len() as u64)) {
        Ok(Parsed::Header(header)) => Tokenizer::from_metadata(&header.metadata).unwrap(),
        other => panic!("{vocab}: {other:?}"),
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
    let tokenizer = tokenizer("stories260K-vocab.gguf");
    let mut random = Random(1);
    for _ in 0..5000 {
        let text = random.text();
        let plain = EncodeOptions {
            add_special: false,
            parse_special: false,
        };
        let ids = tokenizer.encode(&text, plain).unwrap();
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

#[test]
fn user_text_never_becomes_a_control_token() {
    let tokenizer = tokenizer("stories260K-vocab.gguf");
    let mut random = Random(2);
    for _ in 0..2000 {
        let text = format!(
            "{}<s>{}</s>{}<unk>",
            random.text(),
            random.text(),
            random.text()
        );
        let plain = EncodeOptions {
            add_special: false,
            parse_special: false,
        };
        let ids = tokenizer.encode(&text, plain).unwrap();
        assert!(ids.iter().all(|id| *id > 2), "{text:?}: {ids:?}");
        let parsed = tokenizer
            .encode(
                &text,
                EncodeOptions {
                    parse_special: true,
                    ..plain
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
    for vocab in ["stories260K-vocab.gguf", "spm-user.gguf", "spm-phi3.gguf"] {
        let tokenizer = tokenizer(vocab);
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
