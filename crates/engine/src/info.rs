//! What a loaded model is, where it runs and what it takes.

use ggweb_gguf::Header;
use ggweb_gpu::Device;

/// GPU memory by purpose.
///
/// # Units
/// Bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BytesByPurpose {
    /// Weights.
    pub weights: u64,
    /// The KV cache.
    pub kv: u64,
    /// Activations, logits and tables.
    pub activations: u64,
}

/// Parts of the cache that attention has in flight at most, on any adapter.
const SPLITS_MAX: u32 = 32;

/// Bytes between the ops of a model that is not loaded, at a context: activations, logits and tables; at most, as
/// adapters differ a little. `None` for a file that this version cannot run.
#[must_use]
pub fn activation_bytes(header: &Header, n_ctx: u32) -> Option<u64> {
    let hparams = ggweb_model::Hparams::new(header).ok()?;
    let n_batch = ggweb_model::model::N_BATCH;
    Some(ggweb_model::memory::activation_bytes(
        &hparams, n_ctx, n_batch, SPLITS_MAX,
    ))
}

/// What was loaded and where it runs.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelInfo {
    /// `general.architecture`.
    pub architecture: String,
    /// `general.name`, if the file has one.
    pub name: Option<String>,
    /// The adapter's name.
    pub adapter: String,
    /// Whether the adapter runs on the CPU.
    pub software: bool,
    /// The tier: `base`, `f16`, `subgroups` or `f16+subgroups`.
    pub tier: &'static str,
    /// The parameter set: `software` or `gpu`.
    pub params: &'static str,
    /// How matrices of quants read their input: `f32` or `int8`.
    pub activations: &'static str,
    /// Vocabulary size.
    pub n_vocab: u32,
    /// Positions of the context.
    pub n_ctx: u32,
    /// Positions that the model was trained on.
    pub n_ctx_train: u32,
    /// Width of the residual stream.
    pub n_embd: u32,
    /// Blocks.
    pub n_layer: u32,
    /// Query heads.
    pub n_head: u32,
    /// Key/value heads.
    pub n_head_kv: u32,
    /// Width of a head.
    pub head_dim: u32,
    /// Inner width of the feed-forward network.
    pub n_ff: u32,
    /// Numbers in all tensors of the file.
    pub n_params: u64,
    /// Bytes of all tensors of the file.
    pub tensor_bytes: u64,
    /// Bytes of weights that a decode step reads: all but the embedding's rows, which are looked up.
    pub bytes_per_token: u64,
    /// Tensors per type: name and count, most first.
    pub types: Vec<(&'static str, usize)>,
    /// GPU memory by purpose.
    pub bytes: BytesByPurpose,
    /// Dispatches of a decode step.
    pub dispatches_per_token: usize,
    /// Distinct pipelines.
    pub n_pipeline: usize,
    /// Why text cannot be used with this model, if it cannot.
    pub no_tokenizer: Option<String>,
}

pub(crate) fn describe(
    device: &Device,
    header: &Header,
    inner: &ggweb_model::Model,
    no_tokenizer: Option<String>,
) -> ModelInfo {
    let hparams = inner.hparams();
    let memory = inner.memory();
    let mut types: Vec<(&'static str, usize)> = Vec::new();
    for tensor in &header.tensors {
        let name = tensor.ggml_type.name();
        match types.iter_mut().find(|(known, _)| *known == name) {
            Some((_, n)) => *n += 1,
            None => types.push((name, 1)),
        }
    }
    types.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let tensor_bytes = header
        .tensors
        .iter()
        .map(|tensor| tensor.n_bytes)
        .sum::<u64>();
    let embd_bytes = header
        .tensor("token_embd.weight")
        .map_or(0, |tensor| tensor.n_bytes);
    ModelInfo {
        architecture: hparams.architecture.clone(),
        name: header
            .metadata
            .str("general.name")
            .ok()
            .flatten()
            .map(ToOwned::to_owned),
        adapter: device.adapter().to_owned(),
        software: device.is_software(),
        tier: device.caps().tier(),
        params: device.caps().params(),
        activations: inner.activations().name(),
        n_vocab: hparams.n_vocab,
        n_ctx: inner.kv_options().n_ctx,
        n_ctx_train: hparams.n_ctx_train,
        n_embd: hparams.n_embd,
        n_layer: hparams.n_layer,
        n_head: hparams.n_head,
        n_head_kv: hparams.n_head_kv,
        head_dim: hparams.head_dim,
        n_ff: hparams.n_ff,
        n_params: header
            .tensors
            .iter()
            .map(|tensor| tensor.shape.iter().product::<u64>())
            .sum(),
        tensor_bytes,
        bytes_per_token: if hparams.tied {
            tensor_bytes
        } else {
            tensor_bytes - embd_bytes
        },
        types,
        bytes: BytesByPurpose {
            weights: memory.weights,
            kv: memory.kv,
            activations: memory.activations,
        },
        dispatches_per_token: inner.dispatches_per_token(),
        n_pipeline: inner.n_pipeline(),
        no_tokenizer,
    }
}
