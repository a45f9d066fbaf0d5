// Any bytes are a text: lists, counts and places agree, and no untrusted text gives a control token.
#![no_main]

mod tokenizers;

use ggweb_tokenizer::{EncodeOptions, Kind, Segment, TokenAttr};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((tokenizer, data)) = tokenizers::choose(data) else {
        return;
    };
    let Some((flags, text)) = data.split_first() else {
        return;
    };
    let options = EncodeOptions {
        add_special: flags & 1 != 0,
        parse_special: flags & 2 != 0,
    };
    if let Ok(spans) = tokenizer.encode_with_spans(text, options) {
        let ids = tokenizer.encode(text, options).expect("as before");
        assert_eq!(tokenizer.count(text, options), Ok(ids.len()));
        assert!(spans.iter().map(|token| token.id).eq(ids.iter().copied()));
        let mut start = 0;
        for token in &spans {
            assert!(start <= token.span.start && token.span.start <= token.span.end);
            assert!(token.span.end <= text.len());
            start = token.span.start;
        }
        // Every byte of a text has a token of some of its bytes, or llama.cpp leaves it out.
        if tokenizer.kind() == Kind::Rwkv && !options.parse_special && !options.add_special {
            assert_eq!(
                spans.iter().map(|token| token.span.len()).sum::<usize>(),
                text.len()
            );
        }
    }
    let text = String::from_utf8_lossy(text);
    let untrusted = Segment {
        text: &text,
        is_trusted: false,
    };
    for id in tokenizer
        .encode_segments(&[untrusted], false)
        .unwrap_or_default()
    {
        let steers = tokenizer.attr(id).has_any(TokenAttr::CONTROL);
        assert!(!steers || tokenizer.unk() == Some(id), "{id}");
    }
});
