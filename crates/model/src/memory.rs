//! Bytes by purpose, known before the first weight byte, and whether they fit the device.

use ggweb_gpu::ops::QuantizedBlock;
use ggweb_gpu::weight::BLOCK;
use ggweb_gpu::{Device, tuning::Attention};

use crate::error::{Error, Result};
use crate::hparams::Hparams;
use crate::kv::{KvOptions, PAGE};
use crate::layout::Layout;

/// GPU memory that a model takes, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MemoryPlan {
    /// Weights, as planes.
    pub weights: u64,
    /// Pages of K and V.
    pub kv: u64,
    /// Activations, logits and the table of angles.
    pub activations: u64,
    /// Buffers that exist only while the weights stream in.
    pub staging: u64,
}

impl MemoryPlan {
    /// All of it.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.weights + self.kv + self.activations + self.staging
    }
}

/// Numbers per token of every activation, padded as kernels want them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Widths {
    /// The residual stream.
    pub embd: u32,
    /// Norms: input of matrices over `n_embd`.
    pub normed: u32,
    /// [q | k | v].
    pub qkv: u32,
    /// Result of attention, input of `attn_output`.
    pub attn: u32,
    /// Input of `ffn_down`.
    pub ff: u32,
}

impl Widths {
    /// The widths of `hparams`.
    #[must_use]
    pub fn new(hparams: &Hparams) -> Self {
        let padded = |n: u32| n.next_multiple_of(BLOCK);
        Self {
            embd: hparams.n_embd,
            normed: padded(hparams.n_embd),
            qkv: hparams.n_qkv(),
            attn: padded(hparams.n_attn()),
            ff: padded(hparams.n_ff),
        }
    }

    /// Bytes of the widest input of a matrix in int8.
    #[must_use]
    pub fn quantized_bytes(&self) -> u64 {
        let n_block = self.normed.max(self.attn).max(self.ff) / BLOCK;
        u64::from(n_block) * size_of::<QuantizedBlock>() as u64
    }

    fn row_bytes(&self) -> u64 {
        let floats = [self.embd, self.normed, self.qkv, self.attn, self.ff];
        let floats = floats.iter().map(|n| u64::from(*n)).sum::<u64>();
        4 * floats + self.quantized_bytes()
    }
}

/// Adds up what the model takes and refuses what the device cannot hold.
///
/// # Errors
/// [`Error::DoesNotFit`] with what would fit.
pub fn plan(
    device: &Device,
    hparams: &Hparams,
    layout: &Layout,
    kv: &KvOptions,
    n_batch: u32,
    decode: &Attention,
) -> Result<MemoryPlan> {
    let (k_bytes, v_bytes) = kv.layer_bytes(hparams);
    let limit = device.max_binding_bytes().min(device.max_buffer_bytes());
    let layer = k_bytes.max(v_bytes);
    if layer > limit {
        let fits = u64::from(kv.n_ctx) * limit / layer / u64::from(PAGE) * u64::from(PAGE);
        return Err(Error::DoesNotFit {
            what: format!("the KV cache of one layer at a context of {}", kv.n_ctx),
            needed: layer,
            limit,
            advice: format!("a context of {fits} fits"),
        });
    }
    let rope = rope_bytes(hparams, kv.n_ctx);
    let logits = u64::from(hparams.n_vocab) * 4;
    let positions = u64::from(kv.n_ctx) * limit / rope.max(1);
    for (what, needed, advice) in [
        (
            "the table of angles",
            rope,
            format!("a context of {positions} fits"),
        ),
        (
            "a row of logits",
            logits,
            "another adapter may hold it".to_owned(),
        ),
    ] {
        if needed > limit {
            return Err(Error::DoesNotFit {
                what: what.to_owned(),
                needed,
                limit,
                advice,
            });
        }
    }
    Ok(MemoryPlan {
        weights: layout.slabs.total_bytes(),
        kv: u64::from(hparams.n_layer) * (k_bytes + v_bytes),
        activations: activation_bytes(hparams, kv.n_ctx, n_batch, decode.splits),
        staging: 2 * crate::weights::WINDOW_BYTES,
    })
}

/// Bytes between the ops of batches of `n_batch` tokens, `splits` parts of the cache in flight: activations, logits
/// and the table of angles.
#[must_use]
pub fn activation_bytes(hparams: &Hparams, n_ctx: u32, n_batch: u32, splits: u32) -> u64 {
    let partials =
        u64::from(hparams.n_head) * u64::from(splits) * (u64::from(hparams.head_dim) + 4) * 4;
    let logits = u64::from(hparams.n_vocab) * 4;
    Widths::new(hparams).row_bytes() * u64::from(n_batch)
        + partials
        + rope_bytes(hparams, n_ctx)
        + 2 * logits
}

fn rope_bytes(hparams: &Hparams, n_ctx: u32) -> u64 {
    u64::from(n_ctx) * u64::from(hparams.n_rot / 2) * 8
}
