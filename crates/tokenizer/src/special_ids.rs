//! The ids that the file gives a role to: begin, end, unknown, fill-in-the-middle.

use ggweb_gguf::Metadata;

use crate::pre::Pre;
use crate::{Result, TokenId};

/// Ids with a role; `None` if neither the file nor a token's name gives one and the kind has no default.
///
/// ```
/// # use ggweb_gguf::{Metadata, Strings};
/// # use ggweb_tokenizer::Tokenizer;
/// # let mut metadata = Metadata::default();
/// # metadata.set("tokenizer.ggml.model", "llama");
/// # metadata.set("tokenizer.ggml.tokens", ["<unk>", "<s>", "</s>", "<|im_end|>"].iter().collect::<Strings>());
/// # metadata.set("tokenizer.ggml.token_type", vec![2, 3, 3, 3]);
/// # let tokenizer = Tokenizer::from_metadata(&metadata)?;
/// let special = tokenizer.special_ids(); // of a vocabulary <unk>, <s>, </s>, <|im_end|>
/// assert_eq!((special.unk, special.bos, special.eos, special.pad), (Some(0), Some(1), Some(2), None));
/// assert_eq!(special.eot, Some(3)); // by its name
/// assert_eq!(tokenizer.eog(), [2, 3]);
/// # Ok::<(), ggweb_tokenizer::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpecialIds {
    /// Begins a text.
    pub bos: Option<TokenId>,
    /// Ends a text.
    pub eos: Option<TokenId>,
    /// Stands for what no other token spells.
    pub unk: Option<TokenId>,
    /// Separates two texts.
    pub sep: Option<TokenId>,
    /// Fills up a batch.
    pub pad: Option<TokenId>,
    /// Stands for what is to be guessed.
    pub mask: Option<TokenId>,
    /// Ends a turn.
    pub eot: Option<TokenId>,
    /// Ends a message.
    pub eom: Option<TokenId>,
    /// Fill in the middle: before the text in front.
    pub fim_pre: Option<TokenId>,
    /// Fill in the middle: before the text behind.
    pub fim_suf: Option<TokenId>,
    /// Fill in the middle: before what is filled in.
    pub fim_mid: Option<TokenId>,
    /// Fill in the middle: fills up a batch.
    pub fim_pad: Option<TokenId>,
    /// Fill in the middle: before the name of a repository.
    pub fim_rep: Option<TokenId>,
    /// Fill in the middle: before the name of a file.
    pub fim_sep: Option<TokenId>,
}

impl SpecialIds {
    /// The defaults of the file's kind of tokenizer, overridden by the file's keys.
    ///
    /// As in llama.cpp, an id outside the vocabulary does not count.
    ///
    /// # Errors
    /// If a key is no integer that fits an id.
    pub(crate) fn from_metadata(metadata: &Metadata, n_vocab: usize) -> Result<Self> {
        let id = |default: Option<TokenId>, names: &[&str]| -> Result<Option<TokenId>> {
            let is_token = |id: &TokenId| (*id as usize) < n_vocab;
            let mut found = default.filter(is_token);
            for name in names {
                let key = format!("tokenizer.ggml.{name}_token_id");
                found = metadata.u32(&key)?.filter(is_token).or(found);
            }
            Ok(found)
        };
        let defaults = Self::defaults(metadata)?;
        Ok(Self {
            bos: id(defaults.bos, &["bos"])?,
            eos: id(defaults.eos, &["eos"])?,
            unk: id(defaults.unk, &["unknown"])?,
            // Files spell it this way.
            sep: id(defaults.sep, &["seperator"])?,
            pad: id(defaults.pad, &["padding"])?,
            mask: id(defaults.mask, &["mask"])?,
            eot: id(None, &["eot"])?,
            eom: id(None, &["eom"])?,
            // The last name of three is the old one, which wins in llama.cpp.
            fim_pre: id(None, &["fim_pre", "prefix"])?,
            fim_suf: id(None, &["fim_suf", "suffix"])?,
            fim_mid: id(None, &["fim_mid", "middle"])?,
            fim_pad: id(None, &["fim_pad"])?,
            fim_rep: id(None, &["fim_rep"])?,
            fim_sep: id(None, &["fim_sep"])?,
        })
    }

    /// What each kind takes when the file does not say.
    fn defaults(metadata: &Metadata) -> Result<Self> {
        let pre = || metadata.str("tokenizer.ggml.pre");
        let none = Self::default();
        Ok(
            match metadata.str("tokenizer.ggml.model")?.unwrap_or_default() {
                "llama" => Self {
                    bos: Some(1),
                    eos: Some(2),
                    unk: Some(0),
                    ..none
                },
                "plamo2" => Self {
                    bos: Some(1),
                    eos: Some(2),
                    unk: Some(0),
                    pad: Some(3),
                    ..none
                },
                "gpt2" | "hybriddna" | "whitespace" => Self {
                    bos: Some(11).filter(|_| {
                        Pre::from_name(pre().ok().flatten()).is_ok_and(|pre| pre.has_default_bos)
                    }),
                    eos: Some(11),
                    ..none
                },
                "bert" => Self {
                    bos: Some(101),
                    unk: Some(100),
                    sep: Some(102),
                    pad: Some(0),
                    mask: Some(103),
                    ..none
                },
                "t5" => Self {
                    eos: Some(1),
                    unk: Some(2),
                    pad: Some(0),
                    ..none
                },
                _ => none,
            },
        )
    }
}
