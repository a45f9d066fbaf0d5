//! Hugging Face's tokenizer, made of the same vocabulary, merges and pattern.

use ggweb_gguf::{Metadata, Strings};
use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{PreTokenizerWrapper, SplitDelimiterBehavior, Tokenizer};

use crate::Result;

/// Its byte-pair tokenizer.
pub(crate) fn load(metadata: &Metadata, pattern: &str) -> Result<Tokenizer> {
    let strings = |key: &str| -> Result<&Strings> {
        metadata
            .strings(key)?
            .ok_or_else(|| format!("no {key}").into())
    };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec());
    let mut vocab = Vocab::default();
    for (token, id) in strings("tokenizer.ggml.tokens")?.iter().zip(0_u32..) {
        vocab.insert(text(token)?, id);
    }
    let mut merges = Vec::new();
    for merge in strings("tokenizer.ggml.merges")?.iter() {
        let merge = text(merge)?;
        let (left, right) = merge.split_once(' ').ok_or("a merge without a space")?;
        merges.push((left.to_owned(), right.to_owned()));
    }
    let is_llama = metadata.str("tokenizer.ggml.pre")? == Some("llama-bpe");
    let bpe = BPE::builder()
        .vocab_and_merges(vocab, merges)
        .ignore_merges(is_llama)
        .build()
        .map_err(|error| error.to_string())?;
    let split = Split::new(
        SplitPattern::Regex(pattern.to_owned()),
        SplitDelimiterBehavior::Isolated,
        false,
    )
    .map_err(|error| error.to_string())?;
    let mut tokenizer = Tokenizer::new(bpe);
    tokenizer.with_pre_tokenizer(Some(Sequence::new(vec![
        PreTokenizerWrapper::Split(split),
        PreTokenizerWrapper::ByteLevel(ByteLevel::new(false, false, false)),
    ])));
    Ok(tokenizer)
}

/// The ids of some lines, by the fastest of its ways.
pub(crate) fn encode(tokenizer: &Tokenizer, lines: &[&str]) -> Result<Vec<u32>> {
    let mut ids = Vec::new();
    for line in lines {
        let encoding = tokenizer
            .encode_fast(*line, false)
            .map_err(|error| error.to_string())?;
        ids.extend_from_slice(encoding.get_ids());
    }
    Ok(ids)
}
