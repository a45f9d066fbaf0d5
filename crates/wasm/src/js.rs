//! Small objects to and from JavaScript, without a serializer.

use ggweb_engine::Error;
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

/// An object under construction.
pub(crate) struct Fields(Object);

impl Fields {
    pub(crate) fn new() -> Self {
        Self(Object::new())
    }

    pub(crate) fn with(self, name: &str, value: impl Into<JsValue>) -> Self {
        // Setting a property of a fresh plain object cannot fail.
        let _ = Reflect::set(&self.0, &name.into(), &value.into());
        self
    }

    pub(crate) fn into_js(self) -> JsValue {
        self.0.into()
    }
}

/// `{ code, message }`: the one shape in which errors cross.
pub(crate) fn error(code: &str, message: &str) -> JsValue {
    Fields::new()
        .with("code", code)
        .with("message", message)
        .into_js()
}

pub(crate) fn engine_error(found: &Error) -> JsValue {
    error(found.code(), &found.to_string())
}

pub(crate) fn numbers(values: impl IntoIterator<Item = u32>) -> JsValue {
    values
        .into_iter()
        .map(JsValue::from)
        .collect::<Array>()
        .into()
}

/// The options object of a call; the page has checked its values, so a wrong type here is our own mistake.
pub(crate) struct Options<'a>(pub(crate) &'a JsValue);

impl Options<'_> {
    /// A number, where it is given.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        self.get(name)?.as_f64()
    }

    /// A whole number of 32 bits, where it is given; too large a one becomes the largest.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, which is what is wanted"
    )]
    pub(crate) fn u32(&self, name: &str) -> Option<u32> {
        self.number(name).map(|value| value as u32)
    }

    pub(crate) fn bool(&self, name: &str) -> Option<bool> {
        self.get(name)?.as_bool()
    }

    pub(crate) fn string(&self, name: &str) -> Option<String> {
        self.get(name)?.as_string()
    }

    /// A 64-bit number, which JavaScript writes as a bigint.
    pub(crate) fn u64(&self, name: &str) -> Option<u64> {
        u64::try_from(self.get(name)?.dyn_into::<js_sys::BigInt>().ok()?).ok()
    }

    /// A word that `parse` knows, where it is given.
    pub(crate) fn word<T>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, JsValue> {
        let word = self.string(name);
        let parsed = word.map(|word| parse(&word)).transpose();
        parsed.map_err(|why| error("invalid-argument", &why))
    }

    fn get(&self, name: &str) -> Option<JsValue> {
        let value = Reflect::get(self.0, &name.into()).ok()?;
        (!value.is_undefined() && !value.is_null()).then_some(value)
    }
}
