// Any bytes are a vocabulary or an error, never a panic, and what they make encodes and decodes.
#![no_main]

use ggweb_gguf::{Parsed, parse};
use ggweb_tokenizer::{DetokenizeOptions, EncodeOptions, Segment, Tokenizer, eog_from_metadata};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let Ok(Parsed::Header(header)) = parse(file, None) else {
        return;
    };
    let _ = eog_from_metadata(&header.metadata);
    let Ok(tokenizer) = Tokenizer::from_metadata(&header.metadata) else {
        return;
    };
    let n_vocab = tokenizer.n_vocab() as u32;
    // The vocabulary's own texts, so that its tokens come out, and some that no vocabulary has.
    let mut text = b"Hello world 123 \xF0\x9F\x98\x80\xFF\xC3 <dna>acgtacg</dna>\n\n".to_vec();
    for id in (0..n_vocab.min(200)).chain(n_vocab.saturating_sub(50)..n_vocab) {
        let token = tokenizer.token_text(id);
        text.extend_from_slice(&token[..token.len().min(64)]);
    }
    for parse_special in [false, true] {
        let options = EncodeOptions {
            add_special: true,
            parse_special,
        };
        let Ok(ids) = tokenizer.encode(&text, options) else {
            continue;
        };
        assert!(ids.iter().all(|id| *id < n_vocab));
        assert_eq!(tokenizer.count(&text, options), Ok(ids.len()));
        let whole = tokenizer
            .detokenize(&ids, DetokenizeOptions::default())
            .expect("ids of the vocabulary");
        let mut stream = tokenizer.detokenizer_with(DetokenizeOptions::default());
        let mut streamed: String = ids.iter().map(|id| stream.push(*id)).collect();
        streamed.push_str(&stream.finish());
        assert_eq!(streamed, String::from_utf8_lossy(&whole));
    }
    let text = String::from_utf8_lossy(&text);
    let segments = [true, false].map(|is_trusted| Segment {
        text: &text,
        is_trusted,
    });
    let _ = tokenizer.encode_segments(&segments, true);
});
