//! A model on the GPU: built while its file streams in, then run one batch at a time.

use ggweb_gguf::Header;
use ggweb_gpu::ops::{KvType, Step};
use ggweb_gpu::plan::{Fetch, Recording};
use ggweb_gpu::shader::Pipelines;
use ggweb_gpu::{Binding, BufferUse, Chunk, Device, Plan, Readback, Recorder};

use crate::error::{Error, Result};
use crate::forward::{Activations, Layer, Parts, Phase, Weights, attention_tuning, forward, head};
use crate::hparams::Hparams;
use crate::kv::{Kv, KvOptions};
use crate::layout::Layout;
use crate::memory::{self, MemoryPlan, Widths};
use crate::rope;
use crate::weights::{WINDOW_BYTES, WeightLoader};

/// Most tokens of a batch.
pub const N_BATCH: u32 = 128;
/// Context used when none is asked for, unless the model was trained on a shorter one.
pub const N_CTX_DEFAULT: u32 = 4096;
/// Where the block table begins in the step buffer.
const BLOCK_TABLE_BYTES: u64 = 256;
/// Steps in flight: each has a slot for its token.
const N_SLOT: usize = 2;

/// How to build a model.
#[derive(Debug, Clone, Copy)]
pub struct ModelOptions {
    /// Positions of the KV cache; the smaller of the trained length and [`N_CTX_DEFAULT`] if not given.
    pub n_ctx: Option<u32>,
    /// Type of K.
    pub k: KvType,
    /// Type of V.
    pub v: KvType,
    /// Bytes of each of the two staging buffers.
    pub window_bytes: u64,
}

impl Default for ModelOptions {
    fn default() -> Self {
        Self {
            n_ctx: None,
            k: KvType::F16,
            v: KvType::F16,
            window_bytes: WINDOW_BYTES,
        }
    }
}

/// A model whose weights are on their way and whose pipelines are being compiled.
#[derive(Debug)]
pub struct ModelBuilder {
    device: Device,
    hparams: Hparams,
    memory: MemoryPlan,
    kv: Kv,
    acts: Activations,
    loader: WeightLoader,
    pipelines: Pipelines,
    recordings: [Recording; 3],
}

/// A model that is ready to run.
#[derive(Debug)]
pub struct Model {
    device: Device,
    hparams: Hparams,
    memory: MemoryPlan,
    kv: Kv,
    acts: Activations,
    prefill: Plan,
    decode: Plan,
    head: Plan,
    n_pipeline: usize,
    token_slots: [Readback; N_SLOT],
    next_slot: usize,
    logits_slot: Readback,
}

/// What a batch gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Head {
    /// Nothing but the cache.
    None,
    /// The greedy choice behind the last row, on the GPU and as a token to wait for.
    Token,
    /// The logits of this row.
    Logits(u32),
}

/// One batch: consecutive positions of one sequence.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a> {
    /// Ids, at most [`N_BATCH`]; `None` for the one token that the last greedy choice left on the GPU.
    pub tokens: Option<&'a [u32]>,
    /// Position of the first one.
    pub pos: u32,
    /// Which kernels to take.
    pub phase: Phase,
    /// What to give.
    pub head: Head,
}

/// A submitted batch whose token can be waited for.
#[derive(Debug, Clone, Copy)]
pub struct Ticket {
    slot: usize,
}

impl ModelBuilder {
    /// Checks the file against the device, allocates everything, and begins to compile.
    ///
    /// # Errors
    /// What is wrong with the file, what does not fit, or what the device reports; before the first weight byte.
    pub async fn new(device: &Device, header: &Header, options: &ModelOptions) -> Result<Self> {
        let hparams = Hparams::new(header)?;
        let n_ctx = options
            .n_ctx
            .unwrap_or_else(|| hparams.n_ctx_train.min(N_CTX_DEFAULT));
        if n_ctx == 0 {
            let key = "n_ctx".to_owned();
            return Err(Error::BadValue {
                key,
                found: "0".to_owned(),
                expected: "at least 1".to_owned(),
            });
        }
        let kv_options = KvOptions {
            n_ctx,
            k: options.k,
            v: options.v,
        };
        let max_binding = device.max_binding_bytes().min(device.max_buffer_bytes());
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
        // The fewer bytes the file has, the smaller the windows: two of them hold it.
        let file_bytes = header
            .tensors
            .iter()
            .map(|tensor| tensor.n_bytes + 64)
            .sum::<u64>();
        let window_bytes = options.window_bytes.min(file_bytes.next_multiple_of(4096));
        let loader =
            WeightLoader::new(device, header, &layout, slabs.clone(), window_bytes).await?;

        let weights = bind(&layout, &slabs, loader.matrices());
        let parts = Parts {
            hparams: &hparams,
            widths: Widths::new(&hparams),
            weights: &weights,
            acts: &acts,
            kv: &kv,
        };
        let mut pipelines = Pipelines::new(device);
        let recordings = record(&mut pipelines, &parts);
        Ok(Self {
            device: device.clone(),
            hparams,
            memory,
            kv,
            acts,
            loader,
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
        let hparams = self.hparams;
        let (base, scale) = (hparams.rope_freq_base, hparams.rope_freq_scale);
        let table = rope::table(
            self.kv.options.n_ctx,
            hparams.n_rot,
            base,
            scale,
            factors.as_deref(),
        );
        let device = self.device;
        device.write(
            self.acts.rope.buffer(),
            self.acts.rope.offset_bytes(),
            bytemuck::cast_slice(&table),
        );
        self.pipelines.ready().await?;
        let [prefill, decode, head] = self
            .recordings
            .map(|recording| recording.into_plan(&self.pipelines));
        let token_slots = [(); N_SLOT].map(|()| Readback::new(&device, 4));
        let logits_slot = Readback::new(&device, u64::from(hparams.n_vocab) * 4);
        let model = Model {
            device,
            hparams,
            memory: MemoryPlan {
                staging: 0,
                ..self.memory
            },
            kv: self.kv,
            acts: self.acts,
            prefill,
            decode,
            head,
            n_pipeline: self.pipelines.len(),
            token_slots,
            next_slot: 0,
            logits_slot,
        };
        model.write_block_table();
        model.device.check()?;
        Ok(model)
    }
}

impl Model {
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

    /// Types and size of the cache.
    #[must_use]
    pub fn kv_options(&self) -> KvOptions {
        self.kv.options
    }

    /// Dispatches of one decode step, head and greedy choice included.
    #[must_use]
    pub fn dispatches_per_token(&self) -> usize {
        self.decode.len() + self.head.len()
    }

    /// Distinct pipelines.
    #[must_use]
    pub fn n_pipeline(&self) -> usize {
        self.n_pipeline
    }

    /// Gives the sequence its pages in another order; what the cache held is lost.
    ///
    /// # Panics
    /// If `pages` is not a permutation of all pages.
    pub fn set_block_table(&mut self, pages: &[u32]) {
        self.kv.set_block_table(pages);
        self.write_block_table();
    }

    /// Runs one batch: one submit. Wait for its token, or for its logits, before the second next one.
    ///
    /// # Errors
    /// What the device reports.
    ///
    /// # Panics
    /// If the batch is empty, too long, holds an id outside the vocabulary or goes beyond the context.
    pub fn run(&mut self, batch: &Batch<'_>) -> Result<Ticket> {
        let n_token = batch.tokens.map_or(1, |tokens| tokens.len() as u32);
        assert!(
            (1..=N_BATCH).contains(&n_token),
            "a batch has 1 to {N_BATCH} tokens"
        );
        assert!(
            batch.pos + n_token <= self.kv.options.n_ctx,
            "a batch ends within the context"
        );
        assert!(
            batch.phase == Phase::Prefill || n_token == 1,
            "a decode step has one token"
        );
        if let Some(tokens) = batch.tokens {
            assert!(
                tokens.iter().all(|id| *id < self.hparams.n_vocab),
                "ids lie within the vocabulary"
            );
            self.device
                .write(self.acts.tokens.buffer(), 0, bytemuck::cast_slice(tokens));
        }
        let logits_row = match batch.head {
            Head::Logits(row) => row,
            Head::Token | Head::None => n_token - 1,
        };
        let step = Step {
            n_token,
            pos: batch.pos,
            logits_row,
            padding: 0,
        };
        self.device
            .write(self.acts.step.buffer(), 0, bytemuck::bytes_of(&step));

        let body = if batch.phase == Phase::Decode {
            &self.decode
        } else {
            &self.prefill
        };
        let slot = self.next_slot;
        self.next_slot = (slot + 1) % N_SLOT;
        let token = Fetch {
            from: &self.acts.tokens,
            size_bytes: 4,
            into: &self.token_slots[slot],
        };
        let n_vocab_bytes = u64::from(self.hparams.n_vocab) * 4;
        let logits = Fetch {
            from: &self.acts.logits,
            size_bytes: n_vocab_bytes,
            into: &self.logits_slot,
        };
        match batch.head {
            Head::None => self.device.submit(&[body], n_token, Some(token))?,
            Head::Token => self
                .device
                .submit(&[body, &self.head], n_token, Some(token))?,
            Head::Logits(_) => self
                .device
                .submit(&[body, &self.head], n_token, Some(logits))?,
        }
        Ok(Ticket { slot })
    }

    /// Computes the logits of another row of the last prefill batch.
    ///
    /// # Errors
    /// What the device reports.
    pub fn run_head(&mut self, row: u32, n_token: u32) -> Result<()> {
        let step = Step {
            n_token,
            pos: 0,
            logits_row: row,
            padding: 0,
        };
        self.device
            .write(self.acts.step.buffer(), 0, bytemuck::bytes_of(&step));
        let size_bytes = u64::from(self.hparams.n_vocab) * 4;
        let logits = Fetch {
            from: &self.acts.logits,
            size_bytes,
            into: &self.logits_slot,
        };
        Ok(self.device.submit(&[&self.head], 1, Some(logits))?)
    }

    /// Waits for a batch and gives the token it left; meaningless after [`Head::None`].
    ///
    /// # Errors
    /// What the device reports.
    pub async fn token(&self, ticket: Ticket) -> Result<u32> {
        let mut bytes = [0; 4];
        self.token_slots[ticket.slot].read(&mut bytes).await?;
        Ok(u32::from_le_bytes(bytes))
    }

    /// Waits for the logits of the last batch that asked for them.
    ///
    /// # Shapes
    /// `into`: `[n_vocab]`.
    ///
    /// # Errors
    /// What the device reports.
    ///
    /// # Panics
    /// If `into` has another length.
    pub async fn logits(&self, into: &mut [f32]) -> Result<()> {
        assert_eq!(
            into.len(),
            self.hparams.n_vocab as usize,
            "one logit per token of the vocabulary"
        );
        Ok(self
            .logits_slot
            .read(bytemuck::cast_slice_mut(into))
            .await?)
    }

    fn write_block_table(&self) {
        let table = bytemuck::cast_slice(self.kv.block_table());
        self.device
            .write(self.acts.block_table.buffer(), BLOCK_TABLE_BYTES, table);
    }
}

fn record(pipelines: &mut Pipelines, parts: &Parts<'_>) -> [Recording; 3] {
    let mut recording = |what: &dyn Fn(&mut Recorder<'_>)| {
        let mut rec = Recorder::new(pipelines);
        what(&mut rec);
        rec.finish()
    };
    [
        recording(&|rec| forward(rec, parts, Phase::Prefill)),
        recording(&|rec| forward(rec, parts, Phase::Decode)),
        recording(&|rec| head(rec, parts)),
    ]
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
        qkv: rows("qkv", widths.qkv),
        attn: rows("attn", widths.attn),
        partial: storage("partial", heads * u64::from(tuning.splits)),
        ff: rows("ff", widths.ff),
        logits: storage("logits", u64::from(hparams.n_vocab) * 4),
    }
}

fn bind(
    layout: &Layout,
    slabs: &ggweb_gpu::weight::Slabs,
    matrices: &[ggweb_gpu::Weight],
) -> Weights {
    let zeros = slabs.binding(layout.zeros);
    let bias = |slot: Option<ggweb_gpu::weight::Slot>| -> Binding {
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
