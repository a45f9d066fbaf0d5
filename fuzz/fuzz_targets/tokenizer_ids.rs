// Any ids are a text: streamed it is the same as whole, and never half a character.
#![no_main]

mod tokenizers;

use ggweb_tokenizer::DetokenizeOptions;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((tokenizer, data)) = tokenizers::choose(data) else {
        return;
    };
    let Some((flags, data)) = data.split_first() else {
        return;
    };
    let options = DetokenizeOptions {
        remove_special: flags & 1 != 0,
        unparse_special: flags & 2 != 0,
        is_continuation: flags & 4 != 0,
    };
    let ids: Vec<u32> = data
        .chunks(2)
        .map(|id| id.iter().fold(0, |id, byte| id << 8 | u32::from(*byte)))
        .collect();
    let mut stream = tokenizer.detokenizer_with(options);
    let mut streamed: String = ids.iter().map(|id| stream.push(*id)).collect();
    streamed.push_str(&stream.finish());
    match tokenizer.detokenize(&ids, options) {
        Ok(whole) => assert_eq!(streamed, String::from_utf8_lossy(&whole)),
        Err(_) => assert!(ids.iter().any(|id| *id as usize >= tokenizer.n_vocab())),
    }
});
