//! A loaded model.

use std::cell::{Cell, RefCell};

use ggweb_engine as engine;
use ggweb_engine::{
    Abort, DetokenizeOptions, EncodeOptions, GenerateOptions, Generation, ModelInfo, Prompt, Rate,
    Tokenizer,
};
use js_sys::{Array, Float32Array, Function, Uint32Array};
use wasm_bindgen::prelude::*;

use crate::js::{self, Fields, Options};

/// A model, ready to run; one call at a time.
#[wasm_bindgen]
#[expect(missing_debug_implementations, reason = "seen from JavaScript only")]
pub struct EngineModel {
    /// Taken out while a call runs: what JavaScript calls in between finds nothing, instead of a panic.
    inner: Cell<Option<engine::Model>>,
    info: JsValue,
    gate: Option<String>,
    /// Of the call that runs, or the last one.
    abort: RefCell<Abort>,
}

#[wasm_bindgen]
impl EngineModel {
    /// What is known of the model, in the page's names.
    pub fn info(&self) -> JsValue {
        self.info.clone()
    }

    /// What int8 activations cost this model, as a line to remember and to give to the next load; `undefined` where it
    /// was not asked for.
    pub fn gate(&self) -> Option<String> {
        self.gate.clone()
    }

    /// Generates from a text or token ids; `on_piece` gets each new text with its token id, which is
    /// `undefined` for what was held back at the end.
    ///
    /// # Errors
    /// `{ code, message }`, as every call here.
    pub async fn generate(
        &self,
        prompt: JsValue,
        options: JsValue,
        on_piece: Function,
    ) -> Result<JsValue, JsValue> {
        let prompt = match prompt.as_string() {
            Some(text) => Prompt::Text(text),
            None => Prompt::Tokens(Uint32Array::from(prompt).to_vec()),
        };
        let options = generate_options(&options);
        let (mut model, abort) = self.begin()?;
        let mut emit = |text: &str, id: Option<u32>| {
            // A failing callback is the page's affair; the generation goes on.
            let _ = on_piece.call2(&JsValue::NULL, &text.into(), &JsValue::from(id));
        };
        let result = model.generate(&prompt, &options, &abort, &mut emit).await;
        self.inner.set(Some(model));
        result.map(generation).map_err(|why| js::engine_error(&why))
    }

    /// The logits after the last of these token ids, or with `all` one row after each.
    ///
    /// # Errors
    /// As [`EngineModel::generate`].
    pub async fn logits(&self, ids: Vec<u32>, all: bool) -> Result<Float32Array, JsValue> {
        let (mut model, abort) = self.begin()?;
        let result = if all {
            all_logits(&mut model, &ids, &abort).await
        } else {
            let last = model.logits(&ids, &abort).await;
            last.map(|row| Float32Array::from(row.as_slice()))
        };
        self.inner.set(Some(model));
        result.map_err(|why| js::engine_error(&why))
    }

    /// A text as token ids.
    ///
    /// # Errors
    /// As [`EngineModel::generate`].
    pub fn tokenize(
        &self,
        text: &str,
        add_special: bool,
        parse_special: bool,
    ) -> Result<Vec<u32>, JsValue> {
        let options = EncodeOptions {
            add_special,
            parse_special,
        };
        self.with_tokenizer(|tokenizer| tokenizer.encode(text, options))
    }

    /// Token ids as a text; what is no UTF-8 in it becomes U+FFFD.
    ///
    /// # Errors
    /// As [`EngineModel::generate`].
    pub fn detokenize(&self, ids: &[u32]) -> Result<String, JsValue> {
        let options = DetokenizeOptions::default();
        let bytes = self.with_tokenizer(|tokenizer| tokenizer.detokenize(ids, options))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Measures prefill of `p` tokens and decode of `n` tokens, `r` times.
    ///
    /// # Errors
    /// As [`EngineModel::generate`].
    pub async fn bench(&self, p: u32, n: u32, r: u32) -> Result<JsValue, JsValue> {
        let (mut model, abort) = self.begin()?;
        let result = model.bench((p, n, r), None, &abort).await;
        self.inner.set(Some(model));
        let report = result.map_err(|why| js::engine_error(&why))?;
        Ok(Fields::new()
            .with("prefillTokS", rate(report.prefill_tok_s))
            .with("decodeTokS", rate(report.decode_tok_s))
            .with("bytesPerToken", report.bytes_per_token as f64)
            .with("gbPerSecond", report.gb_s)
            .with("dispatchesPerToken", report.dispatches_per_token as f64)
            .with("logitsHash", format!("{:016x}", report.logits_hash))
            .into_js())
    }

    /// Ends the call that runs now, at its next step.
    pub fn abort(&self) {
        self.abort.borrow().abort();
    }
}

impl EngineModel {
    pub(crate) fn new(model: engine::Model) -> Self {
        Self {
            info: info(model.info()),
            gate: model.gate().map(|gate| gate.to_string()),
            inner: Cell::new(Some(model)),
            abort: RefCell::new(Abort::new()),
        }
    }

    /// Takes the model for a call, with a fresh abort.
    fn begin(&self) -> Result<(engine::Model, Abort), JsValue> {
        let model = self.inner.take().ok_or_else(busy)?;
        let abort = Abort::new();
        self.abort.replace(abort.clone());
        Ok((model, abort))
    }

    pub(crate) fn with_tokenizer<T, E: ToString>(
        &self,
        run: impl FnOnce(&Tokenizer) -> Result<T, E>,
    ) -> Result<T, JsValue> {
        let model = self.inner.take().ok_or_else(busy)?;
        let result = match model.tokenizer() {
            Some(tokenizer) => {
                run(tokenizer).map_err(|why| js::error("invalid-argument", &why.to_string()))
            }
            None => {
                let why = model.info().no_tokenizer.as_deref().unwrap_or_default();
                Err(js::error("unsupported-model", why))
            }
        };
        self.inner.set(Some(model));
        result
    }
}

fn busy() -> JsValue {
    js::error("internal", "the model is busy with another call")
}

/// Numbers of one array at most, 1 GiB: larger ones are refused by browsers at different sizes.
const LOGITS_MAX: u32 = 1 << 28;

/// Rows go to JavaScript one by one: all of them may be more than the wasm heap should hold.
async fn all_logits(
    model: &mut engine::Model,
    ids: &[u32],
    abort: &Abort,
) -> engine::Result<Float32Array> {
    let n_vocab = model.info().n_vocab;
    let n_token = u32::try_from(ids.len()).unwrap_or(u32::MAX);
    let n_logit = n_token.saturating_mul(n_vocab);
    if n_logit > LOGITS_MAX {
        return Err(engine::Error::InvalidArgument(format!(
            "{n_token} rows of {n_vocab} logits are more than one array may hold, {LOGITS_MAX}; ask for fewer positions"
        )));
    }
    let rows = Float32Array::new_with_length(n_logit);
    let mut keep = |i: usize, row: &[f32]| {
        let start = u32::try_from(i).unwrap_or(u32::MAX).saturating_mul(n_vocab);
        rows.subarray(start, start.saturating_add(n_vocab))
            .copy_from(row);
    };
    model.logits_all(ids, abort, &mut keep).await?;
    Ok(rows)
}

fn generate_options(options: &JsValue) -> GenerateOptions {
    let options = Options(options);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the engine computes in f32"
    )]
    let f32 = |name| options.number(name).map(|value| value as f32);
    let mut all = GenerateOptions::default();
    all.n_predict = options.u32("n_predict").unwrap_or(all.n_predict);
    all.ignore_eos = options.bool("ignore_eos").unwrap_or(all.ignore_eos);
    let sampler = &mut all.sampler;
    sampler.temperature = f32("temperature").unwrap_or(sampler.temperature);
    sampler.top_k = options.u32("top_k").unwrap_or(sampler.top_k);
    sampler.top_p = f32("top_p").unwrap_or(sampler.top_p);
    sampler.min_p = f32("min_p").unwrap_or(sampler.min_p);
    sampler.repeat_penalty = f32("repeat_penalty").unwrap_or(sampler.repeat_penalty);
    sampler.repeat_last_n = options
        .u32("repeat_last_n")
        .unwrap_or(sampler.repeat_last_n);
    sampler.seed = options.u64("seed").unwrap_or(sampler.seed);
    all
}

fn generation(result: Generation) -> JsValue {
    let timings = &result.timings;
    let timings = Fields::new()
        .with("loadMs", timings.load_ms)
        .with("ttftMs", timings.ttft_ms)
        .with("prefillMs", timings.prefill_ms)
        .with("decodeMs", timings.decode_ms)
        .with("prefillTokS", timings.prefill_tok_s)
        .with("decodeTokS", timings.decode_tok_s);
    Fields::new()
        .with("promptIds", js::numbers(result.prompt_tokens))
        .with("ids", js::numbers(result.tokens))
        .with("text", result.text)
        .with("stopReason", result.stop_reason.to_string())
        .with("timings", timings.into_js())
        .into_js()
}

fn rate(rate: Rate) -> JsValue {
    Fields::new()
        .with("median", rate.median)
        .with("min", rate.min)
        .with("max", rate.max)
        .into_js()
}

fn info(info: &ModelInfo) -> JsValue {
    let bytes = Fields::new()
        .with("weights", info.bytes.weights as f64)
        .with("kv", info.bytes.kv as f64)
        .with("activations", info.bytes.activations as f64);
    let types: Array = info
        .types
        .iter()
        .map(|(name, _)| JsValue::from(*name))
        .collect();
    Fields::new()
        .with("architecture", info.architecture.as_str())
        .with(
            "name",
            info.name
                .as_deref()
                .map_or(JsValue::UNDEFINED, JsValue::from),
        )
        .with("adapter", info.adapter.as_str())
        .with("isSoftware", info.software)
        .with("tier", info.tier)
        .with("params", info.params)
        .with("activations", info.activations)
        .with("types", types)
        .with("hasTokenizer", info.no_tokenizer.is_none())
        .with("parameterCount", info.n_params as f64)
        .with("vocabSize", info.n_vocab)
        .with("contextLength", info.n_ctx)
        .with("trainedContextLength", info.n_ctx_train)
        .with("embeddingLength", info.n_embd)
        .with("layerCount", info.n_layer)
        .with("headCount", info.n_head)
        .with("headCountKv", info.n_head_kv)
        .with("bytes", bytes.into_js())
        .into_js()
}
