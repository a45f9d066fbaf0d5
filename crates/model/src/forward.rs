//! The forward pass of a llama, recorded: one op per line, in the order the data flows.
//!
//! Prefill and decode share this text; [`Phase`] chooses the kernels inside an op.

use ggweb_gpu::ops::{
    AttentionShape, Epilogue, Product, RmsNorm, RopeKv, argmax, attention, attention_merge,
    get_rows, matmul, matvec, rms_norm, rope_kv,
};
use ggweb_gpu::tuning::Attention;
use ggweb_gpu::{Binding, Recorder, Weight};

use crate::hparams::Hparams;
use crate::kv::{Kv, PAGE};
use crate::memory::Widths;

/// Which kernels a recording takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Many tokens of one sequence.
    Prefill,
    /// One token.
    Decode,
}

/// Weights of a block, bound.
#[derive(Debug, Clone)]
pub struct Layer {
    /// `[n_embd]`.
    pub attn_norm: Binding,
    /// `[n_qkv]`, zeros where the file has no biases.
    pub qkv_bias: Binding,
    /// Matrices that make [q | k | v].
    pub qkv: Vec<Weight>,
    /// `[n_embd, n_attn]`.
    pub attn_output: Weight,
    /// `[n_embd]`, zeros where the file has none.
    pub attn_output_bias: Binding,
    /// `[n_embd]`.
    pub ffn_norm: Binding,
    /// One matrix of gate and up rows, or gate and up apart.
    pub ffn_gate_up: Vec<Weight>,
    /// `[n_embd, n_ff]`.
    pub ffn_down: Weight,
}

/// Weights of a model, bound.
#[derive(Debug, Clone)]
pub struct Weights {
    /// `[n_vocab, n_embd]`.
    pub token_embd: Weight,
    /// The blocks.
    pub layers: Vec<Layer>,
    /// `[n_embd]`.
    pub output_norm: Binding,
    /// `[n_vocab, n_embd]`.
    pub output: Weight,
    /// As many zeros as any bias has numbers.
    pub zeros: Binding,
}

/// Buffers between the ops; rows are tokens of the batch.
#[derive(Debug, Clone)]
pub struct Activations {
    /// `[n_batch]` ids; the first one is also where the greedy choice lands.
    pub tokens: Binding,
    /// The [`ggweb_gpu::ops::Step`].
    pub step: Binding,
    /// `[n_ctx / PAGE]`.
    pub block_table: Binding,
    /// `[n_ctx, n_rot / 2]` of (cos, sin).
    pub rope: Binding,
    /// `[n_batch, n_embd]`: the residual stream.
    pub x: Binding,
    /// `[n_batch, normed]`.
    pub normed: Binding,
    /// `[n_batch, n_qkv]`.
    pub qkv: Binding,
    /// `[n_batch, attn]`.
    pub attn: Binding,
    /// What the splits of attention leave.
    pub partial: Binding,
    /// `[n_batch, ff]`.
    pub ff: Binding,
    /// `[n_vocab]`.
    pub logits: Binding,
}

/// Everything that a recording reads.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// Hyperparameters.
    pub hparams: &'a Hparams,
    /// Row widths.
    pub widths: Widths,
    /// Weights.
    pub weights: &'a Weights,
    /// Buffers.
    pub acts: &'a Activations,
    /// The cache.
    pub kv: &'a Kv,
}

/// Attention's tuning for a phase.
#[must_use]
pub fn attention_tuning(caps: &ggweb_gpu::Caps, hparams: &Hparams, phase: Phase) -> Attention {
    caps.attention(hparams.head_dim, phase == Phase::Decode)
}

/// Records the blocks: ids in, the residual stream behind the last block out.
#[expect(
    clippy::too_many_lines,
    reason = "flat: one op after the other, as the data flows"
)]
pub fn forward(rec: &mut Recorder<'_>, parts: &Parts<'_>, phase: Phase) {
    let Parts {
        weights,
        acts,
        widths,
        ..
    } = *parts;
    get_rows(rec, &weights.token_embd, &acts.tokens, &acts.x);
    for (il, layer) in weights.layers.iter().enumerate() {
        norm(rec, parts, &layer.attn_norm, false);
        for weight in &layer.qkv {
            linear(
                rec,
                parts,
                phase,
                weight,
                &layer.qkv_bias,
                (&acts.normed, &acts.qkv, widths.qkv),
                Epilogue::Store,
            );
        }
        rotate_and_store(rec, parts, il);
        attend(rec, parts, il, phase);
        let output = (&acts.attn, &acts.x, widths.embd);
        linear(
            rec,
            parts,
            phase,
            &layer.attn_output,
            &layer.attn_output_bias,
            output,
            Epilogue::Add,
        );
        norm(rec, parts, &layer.ffn_norm, false);
        let inner = (&acts.normed, &acts.ff, widths.ff);
        match layer.ffn_gate_up.as_slice() {
            [gate, up] => {
                linear(
                    rec,
                    parts,
                    phase,
                    gate,
                    &weights.zeros,
                    inner,
                    Epilogue::Store,
                );
                linear(
                    rec,
                    parts,
                    phase,
                    up,
                    &weights.zeros,
                    inner,
                    Epilogue::Gated,
                );
            }
            both => linear(
                rec,
                parts,
                phase,
                &both[0],
                &weights.zeros,
                inner,
                Epilogue::Swiglu,
            ),
        }
        let down = (&acts.ff, &acts.x, widths.embd);
        linear(
            rec,
            parts,
            phase,
            &layer.ffn_down,
            &weights.zeros,
            down,
            Epilogue::Add,
        );
    }
}

/// Records the head: row `step.logits_row` of the residual stream in, logits and the greedy choice out.
pub fn head(rec: &mut Recorder<'_>, parts: &Parts<'_>) {
    let Parts {
        weights,
        acts,
        hparams,
        ..
    } = *parts;
    norm(rec, parts, &weights.output_norm, true);
    let logits = (&acts.normed, &acts.logits, hparams.n_vocab);
    linear(
        rec,
        parts,
        Phase::Decode,
        &weights.output,
        &weights.zeros,
        logits,
        Epilogue::Store,
    );
    argmax(rec, hparams.n_vocab, &acts.logits, &acts.tokens);
}

fn norm(rec: &mut Recorder<'_>, parts: &Parts<'_>, weight: &Binding, one_row: bool) {
    let Parts {
        hparams,
        widths,
        acts,
        ..
    } = *parts;
    let shape = RmsNorm {
        n_embd: hparams.n_embd,
        y_stride: widths.normed,
        eps: hparams.norm_rms_eps,
        one_row,
    };
    rms_norm(rec, shape, &acts.step, &acts.x, weight, &acts.normed);
}

fn linear(
    rec: &mut Recorder<'_>,
    parts: &Parts<'_>,
    phase: Phase,
    weight: &Weight,
    bias: &Binding,
    (x, y, y_stride): (&Binding, &Binding, u32),
    epilogue: Epilogue,
) {
    let product = Product {
        weight,
        bias,
        x,
        y,
        y_stride,
        epilogue,
    };
    match phase {
        Phase::Decode => matvec(rec, &product),
        Phase::Prefill => matmul(rec, &product, &parts.acts.step),
    }
}

fn rotate_and_store(rec: &mut Recorder<'_>, parts: &Parts<'_>, il: usize) {
    let Parts {
        hparams, acts, kv, ..
    } = *parts;
    let (k_pages, v_pages) = &kv.layers[il];
    let op = RopeKv {
        n_head: hparams.n_head,
        n_head_kv: hparams.n_head_kv,
        head_dim: hparams.head_dim,
        n_rot: hparams.n_rot,
        page: PAGE,
        types: (kv.options.k, kv.options.v),
        step: &acts.step,
        block_table: &acts.block_table,
        rope: &acts.rope,
        qkv: &acts.qkv,
        k_pages,
        v_pages,
    };
    rope_kv(rec, &op);
}

fn attend(rec: &mut Recorder<'_>, parts: &Parts<'_>, il: usize, phase: Phase) {
    let Parts {
        hparams,
        widths,
        acts,
        kv,
        ..
    } = *parts;
    let (k_pages, v_pages) = &kv.layers[il];
    let shape = AttentionShape {
        n_head: hparams.n_head,
        n_head_kv: hparams.n_head_kv,
        head_dim: hparams.head_dim,
        q_stride: widths.qkv,
        out_stride: widths.attn,
        scale: 1.0 / (hparams.head_dim as f32).sqrt(),
        page: PAGE,
        types: (kv.options.k, kv.options.v),
    };
    let tuning = attention_tuning(rec.device().caps(), hparams, phase);
    let out = if tuning.splits > 1 {
        &acts.partial
    } else {
        &acts.attn
    };
    let bindings = [
        &acts.step,
        &acts.block_table,
        &acts.qkv,
        k_pages,
        v_pages,
        out,
    ]
    .map(Clone::clone);
    attention(rec, &shape, &tuning, &bindings);
    if tuning.splits > 1 {
        attention_merge(rec, &shape, &tuning, &acts.step, &acts.partial, &acts.attn);
    }
}
