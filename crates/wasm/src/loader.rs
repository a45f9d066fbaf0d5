//! A file on its way to the GPU.

use std::cell::Cell;

use ggweb_engine as engine;
use ggweb_engine::{Device, DeviceOptions, Gate, LoadOptions};
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use crate::EngineModel;
use crate::js::{self, Options};

/// What was measured of models before, a line for each.
fn known_gates(options: &Options<'_>) -> Vec<Gate> {
    let lines = options.string("known_gates").unwrap_or_default();
    let parsed = lines.lines().filter_map(|line| line.parse().ok());
    parsed.collect()
}

/// Takes a file in chunks, and becomes an [`EngineModel`].
#[wasm_bindgen]
#[expect(missing_debug_implementations, reason = "seen from JavaScript only")]
pub struct Loader {
    /// Taken out while a call runs: what JavaScript calls in between finds nothing, instead of a panic.
    inner: Cell<Option<engine::Loader>>,
}

#[wasm_bindgen]
impl Loader {
    /// Opens the GPU device.
    ///
    /// `options`: `n_ctx`, `cache_type_k`, `cache_type_v`, `activations`,
    /// `known_gates`, `tier`, `params`, `adapter`, `limits`, `total_bytes`.
    ///
    /// # Errors
    /// `{ code, message }`, as every call here.
    pub async fn open(options: JsValue) -> Result<Self, JsValue> {
        let options = Options(&options);
        let asked = DeviceOptions {
            adapter: options.string("adapter"),
            tier: options.word("tier", str::parse)?.unwrap_or_default(),
            params: options.word("params", str::parse)?.unwrap_or_default(),
            limits: options.word("limits", str::parse)?.unwrap_or_default(),
            ..Default::default()
        };
        let cache = |name| options.word(name, engine::parse_kv_type);
        let load = LoadOptions {
            n_ctx: options.u32("n_ctx"),
            cache_type_k: cache("cache_type_k")?.unwrap_or_default(),
            cache_type_v: cache("cache_type_v")?.unwrap_or_default(),
            activations: options.word("activations", str::parse)?.unwrap_or_default(),
            known_gates: known_gates(&options),
            ..Default::default()
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "`as` saturates; no file is that large"
        )]
        let total_bytes = options.number("total_bytes").map(|total| total as u64);
        let device = Device::open(&asked)
            .await
            .map_err(|why| js::engine_error(&why.into()))?;
        let loader = engine::Loader::new(device, load, total_bytes);
        Ok(Self {
            inner: Cell::new(Some(loader)),
        })
    }

    /// Takes the file's next bytes; settles when there is room for more.
    ///
    /// # Errors
    /// As [`Loader::open`].
    pub async fn push(&self, bytes: Uint8Array) -> Result<(), JsValue> {
        let mut loader = self.take()?;
        let pushed = loader.push(bytes.into()).await;
        self.inner.set(Some(loader));
        pushed.map_err(|why| js::engine_error(&why))
    }

    /// The file has ended: waits for the GPU's programs and gives the model.
    ///
    /// # Errors
    /// As [`Loader::open`].
    pub async fn finish(&self) -> Result<EngineModel, JsValue> {
        let model = self
            .take()?
            .finish()
            .await
            .map_err(|why| js::engine_error(&why))?;
        Ok(EngineModel::new(model))
    }

    fn take(&self) -> Result<engine::Loader, JsValue> {
        self.inner
            .take()
            .ok_or_else(|| js::error("internal", "the loader is busy or done"))
    }
}
