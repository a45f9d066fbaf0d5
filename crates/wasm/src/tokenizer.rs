//! The tokenizer of a loaded model.

use std::convert::Infallible;

use ggweb_engine::{EncodeOptions, Tokenizer};
use wasm_bindgen::prelude::*;

use crate::js::{self, Fields};
use crate::model::EngineModel;

#[wasm_bindgen]
impl EngineModel {
    /// How many ids a text has.
    ///
    /// # Errors
    /// As [`EngineModel::generate`].
    pub fn count_tokens(
        &self,
        text: &str,
        add_special: bool,
        parse_special: bool,
    ) -> Result<usize, JsValue> {
        let options = EncodeOptions {
            add_special,
            parse_special,
        };
        self.with_tokenizer(|tokenizer| tokenizer.count(text, options))
    }

    /// The ids of a text, and behind each where in the text it begins and ends, in UTF-16 code units.
    ///
    /// # Errors
    /// As [`EngineModel::generate`].
    pub fn token_spans(
        &self,
        text: &str,
        add_special: bool,
        parse_special: bool,
    ) -> Result<Vec<u32>, JsValue> {
        let options = EncodeOptions {
            add_special,
            parse_special,
        };
        let tokens =
            self.with_tokenizer(|tokenizer| tokenizer.encode_with_utf16_spans(text, options))?;
        // A text that fits JavaScript has less than 2³² units.
        Ok(tokens
            .into_iter()
            .flat_map(|token| [token.id, token.span.start as u32, token.span.end as u32])
            .collect())
    }

    /// What a token shows as, and its properties as llama.cpp numbers them; nothing for an id outside the vocabulary.
    ///
    /// # Errors
    /// As [`EngineModel::generate`].
    pub fn token(&self, id: u32) -> Result<JsValue, JsValue> {
        self.with_tokenizer(|tokenizer| Ok::<_, Infallible>(token(tokenizer, id)))
    }

    /// The tokens that have a role, and those that end generation.
    ///
    /// # Errors
    /// As [`EngineModel::generate`].
    pub fn special_ids(&self) -> Result<JsValue, JsValue> {
        self.with_tokenizer(|tokenizer| Ok::<_, Infallible>(special_ids(tokenizer)))
    }
}

fn token(tokenizer: &Tokenizer, id: u32) -> JsValue {
    if id as usize >= tokenizer.n_vocab() {
        return JsValue::UNDEFINED;
    }
    Fields::new()
        .with("text", &*String::from_utf8_lossy(tokenizer.piece(id)))
        .with("attr", tokenizer.attr(id).bits())
        .into_js()
}

fn special_ids(tokenizer: &Tokenizer) -> JsValue {
    let ids = tokenizer.special_ids();
    let mut fields = Fields::new();
    for (name, id) in [
        ("bos", ids.bos),
        ("eos", ids.eos),
        ("unk", ids.unk),
        ("sep", ids.sep),
        ("pad", ids.pad),
        ("mask", ids.mask),
        ("eot", ids.eot),
        ("eom", ids.eom),
        ("fimPre", ids.fim_pre),
        ("fimSuf", ids.fim_suf),
        ("fimMid", ids.fim_mid),
        ("fimPad", ids.fim_pad),
        ("fimRep", ids.fim_rep),
        ("fimSep", ids.fim_sep),
    ] {
        if let Some(id) = id {
            fields = fields.with(name, id);
        }
    }
    fields
        .with("eog", js::numbers(tokenizer.eog().iter().copied()))
        .into_js()
}
