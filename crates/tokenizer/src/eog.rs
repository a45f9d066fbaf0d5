//! Which tokens end generation, and which are control tokens by their name.

use std::collections::{BTreeSet, HashMap};

use ggweb_gguf::{Metadata, Strings};

use crate::special_ids::SpecialIds;
use crate::{Result, TokenAttr, TokenId};

/// End of turn: the first one there takes the role if no key gives it.
const EOT: &[&str] = &[
    "<|eot_id|>",
    "<|im_end|>",
    "<|end|>",
    "<end_of_turn>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<EOT>",
    "_<EOT>",
    "[EOT]",
    "<｜end▁of▁sentence｜>",
    "<end_of_utterance>",
];
const EOM: &[&str] = &["<|eom_id|>"];
const FIM_PRE: &[&str] = &[
    "<|fim_prefix|>",
    "<fim-prefix>",
    "<fim_prefix>",
    "<PRE>",
    "<｜fim▁begin｜>",
    "<|code_prefix|>",
    "<|prefix|>",
];
const FIM_SUF: &[&str] = &[
    "<|fim_suffix|>",
    "<fim-suffix>",
    "<fim_suffix>",
    "<SUF>",
    "<｜fim▁hole｜>",
    "<|code_suffix|>",
    "<|suffix|>",
];
const FIM_MID: &[&str] = &[
    "<|fim_middle|>",
    "<fim-middle>",
    "<fim_middle>",
    "<MID>",
    "<｜fim▁end｜>",
    "<|code_middle|>",
    "<|middle|>",
];
const FIM_PAD: &[&str] = &["<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"];
const FIM_REP: &[&str] = &[
    "<|fim_repo|>",
    "<|repo_name|>",
    "<fim-repo>",
    "<REPO>",
    "<reponame>",
];
const FIM_SEP: &[&str] = &["<|file_sep|>"];

/// Names that always end generation.
const EOG: &[&str] = &[
    "<|eot_id|>",
    "<|im_end|>",
    END,
    "<|return|>",
    "<|call|>",
    "<|flush|>",
    "<|calls|>",
    "<end_of_turn>",
    "<|endoftext|>",
    END_OF_SENTENCE,
    "<|eom_id|>",
    "<EOT>",
    "_<EOT>",
    "[EOT]",
    "[EOS]",
    "<|end_of_text|>",
    "<end_of_utterance>",
    "<eos>",
    "<turn|>",
    "<|tool_response>",
    "<｜end▁of▁sentence｜>",
    "[e~[",
];
pub(crate) const END: &str = "<|end|>";
const END_OF_SENTENCE: &str = "</s>";
/// With this end of sentence, `</s>` is an ordinary word.
const PLAMO_EOS: &str = "<|plamo:eos|>";

/// The frame of a message in the harmony format: text that is always recognized.
pub(crate) const HARMONY: &[&str] = &["<|channel|>", "<|message|>", "<|start|>", "<|constrain|>"];

/// The ids that end generation, in ascending order, also for kinds of tokenizer that are not there yet.
///
/// They are found as llama.cpp finds them: by the keys of the file, by the defaults of the tokenizer's kind and by the
/// texts of the tokens. A file without a vocabulary has those of its keys.
///
/// ```
/// use ggweb_gguf::{Metadata, Strings};
///
/// let mut metadata = Metadata::default();
/// metadata.set("tokenizer.ggml.model", "gpt2");
/// metadata.set("tokenizer.ggml.eos_token_id", 0_u32);
/// metadata.set("tokenizer.ggml.tokens", ["<|endoftext|>", "a", "<|im_end|>"].iter().collect::<Strings>());
/// assert_eq!(ggweb_tokenizer::eog_from_metadata(&metadata)?, [0, 2]);
/// # Ok::<(), ggweb_tokenizer::Error>(())
/// ```
///
/// # Errors
/// If a key has another type than it should.
pub fn eog_from_metadata(metadata: &Metadata) -> Result<Vec<TokenId>> {
    let Some(tokens) = metadata.strings("tokenizer.ggml.tokens")? else {
        let ids = SpecialIds::from_metadata(metadata, usize::MAX)?;
        return Ok([ids.eos, ids.eot, ids.eom]
            .into_iter()
            .flatten()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect());
    };
    let mut ids = SpecialIds::from_metadata(metadata, tokens.len())?;
    Ok(find_eog(
        tokens,
        &mut ids,
        &mut vec![TokenAttr::NORMAL; tokens.len()],
    ))
}

/// The ids that end generation, in ascending order; sets right the roles and the attributes of tokens known by name.
///
/// # Source
/// llama.cpp, `llama_vocab::impl::load`, from "auto-detect special tokens by text" on.
pub(crate) fn find_eog(
    tokens: &Strings,
    ids: &mut SpecialIds,
    attrs: &mut [TokenAttr],
) -> Vec<TokenId> {
    let named = named_tokens(tokens);
    let find = |name: &str| named.get(name.as_bytes()).copied();
    let mut eog = BTreeSet::new();

    for (id, names, ends) in [
        (&mut ids.eot, EOT, true),
        (&mut ids.eom, EOM, true),
        (&mut ids.fim_pre, FIM_PRE, false),
        (&mut ids.fim_suf, FIM_SUF, false),
        (&mut ids.fim_mid, FIM_MID, false),
        (&mut ids.fim_pad, FIM_PAD, true),
        (&mut ids.fim_rep, FIM_REP, true),
        (&mut ids.fim_sep, FIM_SEP, true),
    ] {
        let by_name = || {
            names
                .iter()
                .find_map(|name| find(name))
                .inspect(|&id| add(attrs, id, TokenAttr::CONTROL))
        };
        *id = id.or_else(by_name);
        eog.extend(id.filter(|_| ends));
    }
    for id in EOG.iter().filter_map(|name| find(name)) {
        eog.insert(id);
        add(attrs, id, TokenAttr::CONTROL);
    }
    for id in HARMONY.iter().filter_map(|name| find(name)) {
        attrs[id as usize] = TokenAttr::USER_DEFINED;
    }
    eog.extend(ids.eos);

    // In harmony's format `<|end|>` ends one message of several.
    let ends = |eog: &BTreeSet<TokenId>, name: &str| find(name).filter(|id| eog.contains(id));
    let calls = ends(&eog, "<|call|>").or(ends(&eog, "<|calls|>"));
    let returns = ends(&eog, "<|return|>").or(ends(&eog, "<|flush|>"));
    if let (Some(end), Some(_), Some(_)) = (ends(&eog, END), calls, returns) {
        eog.remove(&end);
        attrs[end as usize] = TokenAttr::USER_DEFINED;
    }
    let others = ends(&eog, "<|tool_response>").or(ends(&eog, PLAMO_EOS));
    if let (Some(end), Some(_)) = (ends(&eog, END_OF_SENTENCE), others) {
        eog.remove(&end);
        attrs[end as usize] = TokenAttr::NORMAL;
    }
    eog.into_iter().collect()
}

fn add(attrs: &mut [TokenAttr], id: TokenId, attr: TokenAttr) {
    attrs[id as usize] = attrs[id as usize] | attr;
}

/// The ids of those names above that are tokens.
fn named_tokens(tokens: &Strings) -> HashMap<&'static [u8], TokenId> {
    let mut names: HashMap<&'static [u8], Option<TokenId>> = [
        EOT,
        EOM,
        FIM_PRE,
        FIM_SUF,
        FIM_MID,
        FIM_PAD,
        FIM_REP,
        FIM_SEP,
        EOG,
        HARMONY,
        &[PLAMO_EOS],
    ]
    .into_iter()
    .flatten()
    .map(|name| (name.as_bytes(), None))
    .collect();
    for (text, id) in tokens.iter().zip(0..) {
        if let Some(found) = names.get_mut(text) {
            *found = Some(id);
        }
    }
    names
        .into_iter()
        .filter_map(|(name, id)| Some((name, id?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eog(tokens: &[&str], keys: &[(&str, u32)]) -> Vec<TokenId> {
        let mut metadata = Metadata::default();
        metadata.set("tokenizer.ggml.tokens", tokens.iter().collect::<Strings>());
        for (key, id) in keys {
            metadata.set(&format!("tokenizer.ggml.{key}"), *id);
        }
        eog_from_metadata(&metadata).unwrap()
    }

    #[test]
    fn by_key_and_by_name() {
        assert_eq!(
            eog(
                &["a", "b", "c", "d"],
                &[
                    ("eos_token_id", 3),
                    ("eot_token_id", 1),
                    ("eom_token_id", 0)
                ]
            ),
            [0, 1, 3]
        );
        assert_eq!(
            eog(
                &["[PAD]", "a", "<|repo_name|>", "[e~[", "<|fim_prefix|>"],
                &[]
            ),
            [0, 2, 3]
        );
        assert_eq!(
            eog(&["a"], &[("eos_token_id", 9)]),
            [0; 0],
            "an id outside the vocabulary does not count"
        );
    }

    #[test]
    fn only_one_token_takes_a_role_by_name() {
        assert_eq!(eog(&["<PAD>", "[PAD]"], &[]), [0]);
        assert_eq!(
            eog(&["<PAD>", "[PAD]", "x"], &[("fim_pad_token_id", 2)]),
            [2]
        );
    }

    #[test]
    fn end_of_a_harmony_message_goes_on() {
        assert_eq!(eog(&["<|end|>", "<|call|>", "<|return|>"], &[]), [1, 2]);
        assert_eq!(eog(&["<|end|>", "<|calls|>", "<|flush|>"], &[]), [1, 2]);
        assert_eq!(eog(&["<|end|>", "<|return|>"], &[]), [0, 1]);
    }

    #[test]
    fn end_of_sentence_is_a_word_beside_its_successors() {
        assert_eq!(eog(&["</s>", "a"], &[]), [0]);
        assert_eq!(eog(&["</s>", "<|tool_response>"], &[]), [1]);
        assert_eq!(eog(&["</s>", "<|plamo:eos|>"], &[("eos_token_id", 1)]), [1]);
        assert_eq!(
            eog(&["</s>", "<|plamo:eos|>"], &[]),
            [0],
            "it has to end generation itself"
        );
    }

    #[test]
    fn names_set_attributes() {
        let tokens: Strings = ["<|im_end|>", "<|fim_middle|>", "<|start|>", "x"]
            .iter()
            .collect();
        let mut attrs = [
            TokenAttr::NORMAL,
            TokenAttr::USER_DEFINED,
            TokenAttr::CONTROL,
            TokenAttr::NORMAL,
        ];
        find_eog(&tokens, &mut SpecialIds::default(), &mut attrs);
        assert_eq!(attrs.map(TokenAttr::bits), [4 | 8, 16 | 8, 16, 4]);
    }

    #[test]
    fn without_a_vocabulary_the_keys_count() {
        let mut metadata = Metadata::default();
        assert_eq!(eog_from_metadata(&metadata), Ok(vec![]));
        metadata.set("tokenizer.ggml.eos_token_id", 7_u32);
        assert_eq!(eog_from_metadata(&metadata), Ok(vec![7]));
        metadata.set("tokenizer.ggml.eos_token_id", "7");
        assert!(eog_from_metadata(&metadata).is_err());
    }
}
