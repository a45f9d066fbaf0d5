//! The forward pass of a llama, recorded: one op per line, in the order the data flows.
//!
//! Prefill and decode share this text; [`Phase`] chooses the kernels inside an op.

use ggweb_gpu::ops::{
    ActivationType, AttentionShape, Epilogue, NormRows, NormedInput, Product, RmsNorm, RopeKv,
    argmax, attention, attention_merge, get_rows, matmul, matvec, quantize, rms_norm, rope_kv,
};
use ggweb_gpu::tuning::Attention;
use ggweb_gpu::weight::BLOCK;
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

impl Weights {
    /// Whether any matrix takes its input in int8.
    #[must_use]
    pub fn take_int8(&self) -> bool {
        let of_layer = |layer: &Layer| {
            let many = layer.qkv.iter().chain(&layer.ffn_gate_up);
            many.chain([&layer.attn_output, &layer.ffn_down])
                .any(|weight| weight.layout.takes_int8())
        };
        self.output.layout.takes_int8() || self.layers.iter().any(of_layer)
    }
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
    /// `[n_batch, blocks of 32]`: the input of matrices in int8, many tokens at a time.
    pub quantized: Binding,
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
    /// How matrices of quants read their input.
    pub activations: ActivationType,
    /// Tokens of a batch, at most: for fewer, kernels have other parameters.
    pub n_token: u32,
}

/// Attention's tuning for a phase.
#[must_use]
pub fn attention_tuning(caps: &ggweb_gpu::Caps, hparams: &Hparams, phase: Phase) -> Attention {
    caps.attention(hparams.head_dim, phase == Phase::Decode)
}

/// Records the blocks: ids in, the residual stream behind the last block out.
pub fn forward(rec: &mut Recorder<'_>, parts: &Parts<'_>, phase: Phase) {
    let Parts {
        weights,
        acts,
        widths,
        ..
    } = *parts;
    let line = Line { parts, phase };
    get_rows(rec, &weights.token_embd, &acts.tokens, &acts.x);
    for (il, layer) in weights.layers.iter().enumerate() {
        let x = line.normed(rec, &layer.attn_norm, &layer.qkv);
        let qkv = (&acts.qkv, widths.qkv);
        for weight in &layer.qkv {
            line.linear(rec, weight, &layer.qkv_bias, x, qkv, Epilogue::Store);
        }
        rotate_and_store(rec, parts, il);
        attend(rec, parts, il, phase);
        let (weight, bias) = (&layer.attn_output, &layer.attn_output_bias);
        let residual = (&acts.x, widths.embd);
        let attn = line.input(rec, &acts.attn, widths.attn, weight);
        line.linear(rec, weight, bias, attn, residual, Epilogue::Add);

        let (zeros, ff) = (&weights.zeros, (&acts.ff, widths.ff));
        let x = line.normed(rec, &layer.ffn_norm, &layer.ffn_gate_up);
        match layer.ffn_gate_up.as_slice() {
            [gate, up] => {
                line.linear(rec, gate, zeros, x, ff, Epilogue::Store);
                line.linear(rec, up, zeros, x, ff, Epilogue::Gated);
            }
            both => line.linear(rec, &both[0], zeros, x, ff, Epilogue::Swiglu),
        }
        let down = &layer.ffn_down;
        let ff = line.input(rec, &acts.ff, widths.ff, down);
        line.linear(rec, down, zeros, ff, residual, Epilogue::Add);
    }
}

/// Records the head: row `step.logits_row` of the residual stream in, logits and the greedy choice out.
pub fn head(rec: &mut Recorder<'_>, parts: &Parts<'_>) {
    let (acts, n_vocab) = (parts.acts, parts.hparams.n_vocab);
    output(
        rec,
        parts,
        (NormRows::LogitsRow, Phase::Decode),
        &acts.logits,
    );
    argmax(rec, n_vocab, &acts.logits, &acts.tokens);
}

/// Records the head for many rows: those of the residual stream from `step.logits_row` on in, as many rows of logits
/// out as the step has tokens.
pub fn head_rows(rec: &mut Recorder<'_>, parts: &Parts<'_>, logits: &Binding) {
    output(
        rec,
        parts,
        (NormRows::FromLogitsRow, Phase::Prefill),
        logits,
    );
}

/// The last norm over some rows, and the output matrix by the kernels of a phase.
fn output(
    rec: &mut Recorder<'_>,
    parts: &Parts<'_>,
    (rows, phase): (NormRows, Phase),
    logits: &Binding,
) {
    let Parts {
        weights,
        acts,
        widths,
        ..
    } = *parts;
    norm(rec, parts, &weights.output_norm, rows);
    let line = Line { parts, phase };
    let x = line.input(rec, &acts.normed, widths.normed, &weights.output);
    let y = (logits, parts.hparams.n_vocab);
    line.linear(rec, &weights.output, &weights.zeros, x, y, Epilogue::Store);
}

fn norm(rec: &mut Recorder<'_>, parts: &Parts<'_>, weight: &Binding, rows: NormRows) {
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
        rows,
    };
    rms_norm(rec, shape, &acts.step, &acts.x, weight, &acts.normed);
}

/// What a matrix reads: a buffer, through a norm or as it is.
#[derive(Debug, Clone, Copy)]
struct Input<'a> {
    x: &'a Binding,
    norm: Option<NormedInput<'a>>,
    /// The same in int8, where many tokens have it.
    int8: Option<&'a Binding>,
}

/// The matrices of a phase.
#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    parts: &'a Parts<'a>,
    phase: Phase,
}

impl<'a> Line<'a> {
    /// The residual stream behind a norm. One token's goes through it on its way into the matrix, which saves a
    /// dispatch; many tokens' would go through it once for every tile of rows.
    fn normed(self, rec: &mut Recorder<'_>, weight: &'a Binding, readers: &[Weight]) -> Input<'a> {
        let Parts {
            acts,
            hparams,
            widths,
            ..
        } = *self.parts;
        if self.phase == Phase::Decode && hparams.n_embd.is_multiple_of(BLOCK) {
            let eps = hparams.norm_rms_eps;
            return Input {
                x: &acts.x,
                norm: Some(NormedInput { weight, eps }),
                int8: None,
            };
        }
        norm(rec, self.parts, weight, NormRows::Batch);
        // Any of them may read it in int8; one that does not reads f32.
        let reader = readers.iter().find(|reader| self.is_int8(reader));
        self.input(
            rec,
            &acts.normed,
            widths.normed,
            reader.unwrap_or(&readers[0]),
        )
    }

    /// A buffer as it is, and for many tokens in int8 if its reader takes that. One token's goes to int8 on its way
    /// into the matrix.
    fn input(
        self,
        rec: &mut Recorder<'_>,
        x: &'a Binding,
        width: u32,
        reader: &Weight,
    ) -> Input<'a> {
        let acts = self.parts.acts;
        let int8 = (self.phase == Phase::Prefill && self.is_int8(reader)).then(|| {
            quantize(rec, width, &acts.step, x, &acts.quantized);
            &acts.quantized
        });
        Input {
            x,
            norm: None,
            int8,
        }
    }

    fn is_int8(self, weight: &Weight) -> bool {
        self.parts.activations == ActivationType::Int8 && weight.layout.takes_int8()
    }

    fn linear(
        self,
        rec: &mut Recorder<'_>,
        weight: &Weight,
        bias: &Binding,
        input: Input<'_>,
        (y, y_stride): (&Binding, u32),
        epilogue: Epilogue,
    ) {
        let (x, activations) = match (self.is_int8(weight), self.phase) {
            (false, _) => (input.x, ActivationType::F32),
            (true, Phase::Decode) => (input.x, ActivationType::Int8),
            (true, Phase::Prefill) => {
                let blocks = input
                    .int8
                    .expect("the input of an int8 reader was quantized");
                (blocks, ActivationType::Int8)
            }
        };
        let product = Product {
            weight,
            bias,
            x,
            activations,
            y,
            y_stride,
            epilogue,
        };
        match self.phase {
            Phase::Decode => matvec(rec, &product, input.norm),
            Phase::Prefill => matmul(rec, &product, &self.parts.acts.step, self.parts.n_token),
        }
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
