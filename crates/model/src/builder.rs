//! A model in the making: checked against the device, its weights streaming in while its pipelines compile.

use ggweb_gguf::Header;
use ggweb_gpu::ops::{ActivationType, KvType};
use ggweb_gpu::plan::Recording;
use ggweb_gpu::shader::Pipelines;
use ggweb_gpu::weight::{Slabs, Slot};
use ggweb_gpu::{Binding, BufferUse, Chunk, Clock, Device, Weight, turn};

use crate::error::{Error, Result};
use crate::forward::{Activations, Layer, Parts, Phase, Weights, attention_tuning};
use crate::hparams::Hparams;
use crate::kv::{Kv, KvOptions};
use crate::layout::Layout;
use crate::memory::{self, MemoryPlan, Widths};
use crate::model::{BLOCK_TABLE_BYTES, Loaded, Model, N_BATCH, Plans};
use crate::recordings::{Recordings, keep_compiled, record_ways};
use crate::rope;
use crate::weights::{WINDOW_BYTES, WINDOW_BYTES_MIN, WeightLoader};

/// Context used when none is asked for, unless the model was trained on a shorter one.
pub const N_CTX_DEFAULT: u32 = 4096;

/// How to build a model.
#[derive(Debug, Clone, Copy)]
pub struct ModelOptions {
    /// Positions of the KV cache; the smaller of the trained length and [`N_CTX_DEFAULT`] if not given.
    pub n_ctx: Option<u32>,
    /// Type of K.
    pub k: KvType,
    /// Type of V.
    pub v: KvType,
    /// How matrices of quants read their input: each way is recorded, the first one is in use. A model without such
    /// matrices has f32 alone.
    pub activations: &'static [ActivationType],
    /// Bytes of each of the two staging buffers.
    pub window_bytes: u64,
    /// Most bytes of a matrix that one binding shows, if fewer than the device allows: a larger matrix is split by rows.
    pub max_binding_bytes: Option<u64>,
}

impl Default for ModelOptions {
    fn default() -> Self {
        Self {
            n_ctx: None,
            k: KvType::F16,
            v: KvType::F16,
            activations: &[ActivationType::F32],
            window_bytes: WINDOW_BYTES,
            max_binding_bytes: None,
        }
    }
}

/// Positions of a context at most: what fits a device is less, and sums of sizes stay far below 2^64.
const N_CTX_MAX: u32 = 1 << 26;

/// Positions whose angles are computed and written together.
const ANGLES_AT_A_TIME: usize = 4096;

/// A model whose weights are on their way and whose pipelines are being compiled.
#[derive(Debug)]
pub struct ModelBuilder {
    device: Device,
    hparams: Hparams,
    memory: MemoryPlan,
    kv: Kv,
    weights: Weights,
    acts: Activations,
    loader: WeightLoader,
    /// Since the first weight byte may come.
    clock: Clock,
    pipelines: Pipelines,
    recordings: Vec<(ActivationType, Recordings)>,
}

impl ModelBuilder {
    /// Checks the file against the device, allocates everything, and begins to compile.
    ///
    /// # Errors
    /// What is wrong with the file, what does not fit, or what the device reports; before the first weight byte.
    pub async fn new(device: &Device, header: &Header, options: &ModelOptions) -> Result<Self> {
        let hparams = Hparams::new(header)?;
        let n_ctx = context(&hparams, options.n_ctx)?;
        let kv_options = KvOptions {
            n_ctx,
            k: options.k,
            v: options.v,
        };
        let max_binding = device
            .max_binding_bytes()
            .min(device.max_buffer_bytes())
            .min(options.max_binding_bytes.unwrap_or(u64::MAX));
        let layout = Layout::new(
            header,
            &hparams,
            max_binding,
            device.max_buffer_bytes().min(1 << 30),
        )?;
        let tuning = attention_tuning(device.caps(), &hparams, Phase::Decode);
        let memory = memory::plan(device, &hparams, &layout, &kv_options, N_BATCH, &tuning)?;

        let slabs = device
            .guarded("weights", memory.weights, |device| {
                layout.slabs.allocate(device)
            })
            .await?;
        let kv = device
            .guarded("the KV cache", memory.kv, |device| {
                Kv::allocate(device, &hparams, kv_options)
            })
            .await?;
        let acts = device
            .guarded("activations", memory.activations, |device| {
                allocate(device, &hparams, &kv_options)
            })
            .await?;
        let window_bytes = window_bytes(header, options.window_bytes);
        let loader =
            WeightLoader::new(device, header, &layout, slabs.clone(), window_bytes).await?;

        let weights = bind(&layout, &slabs, loader.matrices());
        let parts = Parts {
            hparams: &hparams,
            widths: Widths::new(&hparams),
            weights: &weights,
            acts: &acts,
            kv: &kv,
            activations: ActivationType::F32,
            n_token: N_BATCH,
        };
        let mut pipelines = Pipelines::new(device);
        let recordings = record_ways(&mut pipelines, &parts, options.activations).await;
        Ok(Self {
            device: device.clone(),
            hparams,
            memory,
            kv,
            weights,
            acts,
            loader,
            clock: Clock::start(),
            pipelines,
            recordings,
        })
    }

    /// The hyperparameters.
    #[must_use]
    pub fn hparams(&self) -> &Hparams {
        &self.hparams
    }

    /// What the model takes.
    #[must_use]
    pub fn memory(&self) -> MemoryPlan {
        self.memory
    }

    /// Takes the bytes of the file behind its header, in order.
    ///
    /// # Errors
    /// What the device reports.
    pub async fn push(&mut self, chunk: &Chunk) -> Result<()> {
        self.loader.push(chunk).await
    }

    /// Waits for the last weights and pipelines.
    ///
    /// # Errors
    /// A file that ended early, a refused pipeline, or what the device reports.
    pub async fn finish(mut self) -> Result<Model> {
        let (_, factors) = self.loader.finish().await?;
        let weights_ms = self.clock.elapsed_ms();
        check_factors(factors.as_deref().unwrap_or_default())?;
        let hparams = self.hparams;
        let (base, scale) = (hparams.rope_freq_base, hparams.rope_freq_scale);
        let device = self.device;
        let row_bytes = u64::from(hparams.n_rot / 2) * 8;
        // In pieces: a long context's table is tens of MB, which a wasm heap would keep for ever.
        for begin in (0..self.kv.options.n_ctx).step_by(ANGLES_AT_A_TIME) {
            let end = (begin + ANGLES_AT_A_TIME as u32).min(self.kv.options.n_ctx);
            let table = rope::table(begin..end, hparams.n_rot, base, scale, factors.as_deref());
            device.write(
                self.acts.rope.buffer(),
                self.acts.rope.offset_bytes() + u64::from(begin) * row_bytes,
                bytemuck::cast_slice(&table),
            );
        }
        turn().await;
        self.pipelines.settled().await?;
        keep_compiled(&mut self.recordings, &self.pipelines)?;
        let plan = |recording: Recording| recording.into_plan(&self.pipelines);
        let mut plans = Vec::with_capacity(self.recordings.len());
        for (activations, recordings) in self.recordings {
            turn().await;
            plans.push(Plans {
                activations,
                prefill: plan(recordings.prefill),
                few: recordings.few.map(plan),
                decode: plan(recordings.decode),
                head: plan(recordings.head),
                scorer: None,
            });
        }
        let memory = MemoryPlan {
            staging: 0,
            ..self.memory
        };
        let loaded = Loaded {
            n_pipeline: self.pipelines.len(),
            weights_ms,
        };
        let model = Model::new(
            device,
            hparams,
            memory,
            self.kv,
            (self.weights, self.acts),
            plans,
            loaded,
        );
        model.device().check()?;
        Ok(model)
    }
}

/// Angles are divided by the factors of a file.
fn check_factors(factors: &[f32]) -> Result<()> {
    let is_bad = |factor: &&f32| !factor.is_finite() || **factor <= 0.0;
    let Some(found) = factors.iter().find(is_bad) else {
        return Ok(());
    };
    Err(Error::BadValue {
        key: "rope_freqs.weight".to_owned(),
        found: found.to_string(),
        expected: "finite numbers above zero".to_owned(),
    })
}

/// Positions of the context: what is asked for, or the smaller of the trained length and [`N_CTX_DEFAULT`].
fn context(hparams: &Hparams, wanted: Option<u32>) -> Result<u32> {
    let n_ctx = wanted.unwrap_or_else(|| hparams.n_ctx_train.min(N_CTX_DEFAULT));
    if n_ctx == 0 {
        let key = "n_ctx".to_owned();
        return Err(Error::BadValue {
            key,
            found: "0".to_owned(),
            expected: "at least 1".to_owned(),
        });
    }
    if n_ctx > N_CTX_MAX {
        let row_bytes = u64::from(hparams.n_head_kv * hparams.head_dim) * 2;
        return Err(Error::DoesNotFit {
            what: format!("the KV cache of one layer at a context of {n_ctx}"),
            needed: u64::from(n_ctx) * row_bytes,
            limit: u64::from(N_CTX_MAX) * row_bytes,
            advice: "use a smaller context".to_owned(),
        });
    }
    Ok(n_ctx)
}

/// The fewer bytes the file has, the smaller the windows: two of them hold it.
fn window_bytes(header: &Header, wanted: u64) -> u64 {
    let tensors = header.tensors.iter();
    let file_bytes = tensors.map(|tensor| tensor.n_bytes + 64).sum::<u64>();
    let wanted = wanted.clamp(WINDOW_BYTES_MIN, u64::from(u32::MAX / 4));
    (wanted / 4 * 4).min(file_bytes.next_multiple_of(4096))
}

fn allocate(device: &Device, hparams: &Hparams, kv: &KvOptions) -> Activations {
    let widths = Widths::new(hparams);
    let batch = u64::from(N_BATCH) * 4;
    let storage = |label: &str, bytes: u64| device.buffer(label, bytes, BufferUse::Storage).whole();
    let rows = |label: &str, width: u32| storage(label, batch * u64::from(width));
    let table_bytes = u64::from(kv.n_page()) * 4;
    let step = device.buffer("step", BLOCK_TABLE_BYTES + table_bytes, BufferUse::Uniform);
    let tuning = attention_tuning(device.caps(), hparams, Phase::Decode);
    let heads = u64::from(hparams.n_head) * (u64::from(hparams.head_dim) + 4) * 4;
    Activations {
        tokens: storage("tokens", batch),
        step: step.range(0, BLOCK_TABLE_BYTES),
        block_table: step.range(BLOCK_TABLE_BYTES, table_bytes),
        rope: storage(
            "rope",
            u64::from(kv.n_ctx) * u64::from(hparams.n_rot / 2) * 8,
        ),
        x: rows("x", widths.embd),
        normed: rows("normed", widths.normed),
        quantized: storage("quantized", batch / 4 * widths.quantized_bytes()),
        qkv: rows("qkv", widths.qkv),
        attn: rows("attn", widths.attn),
        partial: storage("partial", heads * u64::from(tuning.splits)),
        ff: rows("ff", widths.ff),
        logits: storage("logits", u64::from(hparams.n_vocab) * 4),
    }
}

fn bind(layout: &Layout, slabs: &Slabs, matrices: &[Weight]) -> Weights {
    let zeros = slabs.binding(layout.zeros);
    let bias = |slot: Option<Slot>| -> Binding {
        slot.map_or_else(|| zeros.clone(), |slot| slabs.binding(slot))
    };
    let pick = |indices: &[usize]| {
        indices
            .iter()
            .map(|index| matrices[*index].clone())
            .collect()
    };
    let layers = layout.layers.iter().map(|layer| Layer {
        attn_norm: slabs.binding(layer.attn_norm),
        qkv_bias: bias(layer.qkv_bias),
        qkv: pick(&layer.qkv),
        attn_output: matrices[layer.attn_output].clone(),
        attn_output_bias: bias(layer.attn_output_bias),
        ffn_norm: slabs.binding(layer.ffn_norm),
        ffn_gate_up: pick(&layer.ffn_gate_up),
        ffn_down: matrices[layer.ffn_down].clone(),
    });
    Weights {
        token_embd: matrices[layout.token_embd].clone(),
        layers: layers.collect(),
        output_norm: slabs.binding(layout.output_norm),
        output: matrices[layout.output].clone(),
        zeros,
    }
}

#[cfg(test)]
mod tests {
    use super::check_factors;

    #[test]
    fn a_factor_that_angles_cannot_be_divided_by_is_named() {
        check_factors(&[]).expect("a file may have none");
        check_factors(&[1.0, 32.0]).expect("usual ones");
        for bad in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            let why = check_factors(&[1.0, bad])
                .expect_err("no angle")
                .to_string();
            assert!(why.contains("rope_freqs.weight"), "{why}");
        }
    }
}
