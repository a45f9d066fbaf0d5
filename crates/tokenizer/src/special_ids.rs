//! The ids that the file gives a role to: begin, end, unknown, fill-in-the-middle.

use ggweb_gguf::Metadata;

use crate::{Result, TokenId};

/// Ids with a role; `None` if the file gives none and the kind has no default.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct SpecialIds {
    pub(crate) bos: Option<TokenId>,
    pub(crate) eos: Option<TokenId>,
    pub(crate) unk: Option<TokenId>,
    pub(crate) eot: Option<TokenId>,
    pub(crate) eom: Option<TokenId>,
    pub(crate) fim_pre: Option<TokenId>,
    pub(crate) fim_suf: Option<TokenId>,
    pub(crate) fim_mid: Option<TokenId>,
    pub(crate) fim_pad: Option<TokenId>,
    pub(crate) fim_rep: Option<TokenId>,
    pub(crate) fim_sep: Option<TokenId>,
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
        let (bos, eos, unk) = match metadata.str("tokenizer.ggml.model")?.unwrap_or_default() {
            "llama" | "plamo2" => (Some(1), Some(2), Some(0)),
            "gpt2" | "hybriddna" => (Some(11), Some(11), None),
            "bert" => (Some(101), None, Some(100)),
            "t5" => (None, Some(1), Some(2)),
            _ => (None, None, None),
        };
        Ok(Self {
            bos,
            eos,
            unk,
            ..Self::default()
        })
    }
}
