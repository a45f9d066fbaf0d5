//! Hyperparameters and memory, as far as a file's metadata tells them for any architecture.
//!
//! Whether a model can run, and what it needs to the byte, the engine decides when it loads it.

use ggweb_gguf::{Array, Header, Value};
use serde_json::{Map, Value as Json, json};

use crate::json as to_json;

/// The context length where none is asked for, unless the model was trained for less.
const N_CTX_DEFAULT: u32 = 4096;

/// Bytes of a KV cache element: f16.
const KV_ELEM_BYTES: u64 = 2;

/// Our names, and the keys behind `<architecture>.`.
const NAMES: [(&str, &str); 12] = [
    ("n_ctx_train", "context_length"),
    ("n_embd", "embedding_length"),
    ("n_layer", "block_count"),
    ("n_ff", "feed_forward_length"),
    ("n_head", "attention.head_count"),
    ("n_head_kv", "attention.head_count_kv"),
    ("head_dim_v", "attention.value_length"),
    ("n_rot", "rope.dimension_count"),
    ("rope_freq_base", "rope.freq_base"),
    ("norm_rms_eps", "attention.layer_norm_rms_epsilon"),
    ("n_expert", "expert_count"),
    ("n_expert_used", "expert_used_count"),
];

/// A file's hyperparameters by our names; those that the file leaves out are left out.
pub(crate) fn hparams(header: &Header) -> Map<String, Json> {
    let mut hparams = Map::new();
    if let Some(value) = header.metadata.get("general.architecture") {
        hparams.insert("architecture".to_owned(), to_json::value(value));
    }
    for (name, key) in NAMES {
        if let Some(value) = get(header, key) {
            hparams.insert(name.to_owned(), to_json::value(value));
        }
    }
    if let Some(head_dim) = head_dim(header) {
        hparams.insert("head_dim".to_owned(), json!(head_dim));
    }
    if let Some(Value::Array(tokens)) = header.metadata.get("tokenizer.ggml.tokens") {
        hparams.insert("n_vocab".to_owned(), json!(tokens.len()));
    }
    let n_params: u64 = header
        .tensors
        .iter()
        .map(|tensor| tensor.shape.iter().product::<u64>())
        .sum();
    hparams.insert("n_params".to_owned(), json!(n_params));
    hparams
}

/// What a model needs at a context length.
pub(crate) struct Memory {
    pub(crate) n_ctx: u32,
    pub(crate) weights_bytes: u64,
    /// With an f16 cache; nothing where the metadata does not say enough.
    pub(crate) kv_bytes: Option<u64>,
    /// At most; nothing for a file that this version cannot run.
    pub(crate) activation_bytes: Option<u64>,
}

impl Memory {
    pub(crate) fn new(header: &Header, n_ctx: Option<u32>) -> Self {
        let n_ctx_train = integer(header, "context_length").unwrap_or(u64::from(N_CTX_DEFAULT));
        let n_ctx = n_ctx.unwrap_or_else(|| {
            u32::try_from(n_ctx_train)
                .unwrap_or(N_CTX_DEFAULT)
                .min(N_CTX_DEFAULT)
        });
        let weights_bytes = header.tensors.iter().map(|tensor| tensor.n_bytes).sum();
        let kv_bytes = kv_elems_per_token(header).and_then(|n_elems| {
            n_elems
                .checked_mul(KV_ELEM_BYTES)?
                .checked_mul(u64::from(n_ctx))
        });
        Self {
            n_ctx,
            weights_bytes,
            kv_bytes,
            activation_bytes: ggweb_engine::activation_bytes(header, n_ctx),
        }
    }

    /// All that is known; nothing where the cache is not.
    pub(crate) fn total_bytes(&self) -> Option<u64> {
        let known = self.weights_bytes.saturating_add(self.kv_bytes?);
        Some(known.saturating_add(self.activation_bytes.unwrap_or(0)))
    }

    pub(crate) fn to_json(&self) -> Json {
        json!({
            "n_ctx": self.n_ctx,
            "weights_bytes": self.weights_bytes,
            "kv_bytes": self.kv_bytes,
            "activation_bytes": self.activation_bytes,
            "total_bytes": self.total_bytes(),
        })
    }
}

/// How many numbers the cache holds for one token, in all layers.
fn kv_elems_per_token(header: &Header) -> Option<u64> {
    let n_layer = integer(header, "block_count")?;
    let head_dim = head_dim(header)?;
    let head_dim_v = integer(header, "attention.value_length").unwrap_or(head_dim);
    let n_head_kv = match get(header, "attention.head_count_kv") {
        Some(Value::Array(per_layer)) => sum(per_layer)?,
        Some(value) => u64::try_from(value.as_integer()?)
            .ok()?
            .checked_mul(n_layer)?,
        None => integer(header, "attention.head_count")?.checked_mul(n_layer)?,
    };
    n_head_kv.checked_mul(head_dim.checked_add(head_dim_v)?)
}

/// The width of a head: given, or derived from the model's.
fn head_dim(header: &Header) -> Option<u64> {
    match integer(header, "attention.key_length") {
        Some(head_dim) => Some(head_dim),
        None => integer(header, "embedding_length")?
            .checked_div(integer(header, "attention.head_count")?),
    }
}

fn sum(array: &Array) -> Option<u64> {
    array
        .to_integers()?
        .into_iter()
        .try_fold(0_u64, |sum, item| {
            sum.checked_add(u64::try_from(item).ok()?)
        })
}

fn integer(header: &Header, key: &str) -> Option<u64> {
    u64::try_from(get(header, key)?.as_integer()?).ok()
}

/// The value of `<architecture>.<key>`.
fn get<'a>(header: &'a Header, key: &str) -> Option<&'a Value> {
    let architecture = header.metadata.str("general.architecture").ok()??;
    header.metadata.get(&format!("{architecture}.{key}"))
}
