//! A model on the GPU, run one batch at a time.

use ggweb_gpu::ops::{ActivationType, Step};
use ggweb_gpu::plan::Fetch;
use ggweb_gpu::tuning::FEW_TOKENS;
use ggweb_gpu::{Device, Plan, Readback};

use crate::error::Result;
use crate::forward::{Activations, Phase, Weights};
use crate::hparams::Hparams;
use crate::kv::{Kv, KvOptions};
use crate::memory::MemoryPlan;
use crate::score::Scorer;

/// Most tokens of a batch.
pub const N_BATCH: u32 = 128;
/// Where the block table begins in the step buffer.
pub(crate) const BLOCK_TABLE_BYTES: u64 = 256;
/// Steps in flight: each has a slot for its token.
const N_SLOT: usize = 2;

/// A model that is ready to run.
#[derive(Debug)]
pub struct Model {
    pub(crate) device: Device,
    pub(crate) hparams: Hparams,
    memory: MemoryPlan,
    pub(crate) kv: Kv,
    pub(crate) weights: Weights,
    pub(crate) acts: Activations,
    plans: Vec<Plans>,
    /// Which of the plans are in use.
    current: usize,
    loaded: Loaded,
    token_slots: [Readback; N_SLOT],
    next_slot: usize,
    logits_slot: Readback,
}

/// What is known of a load that has ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Loaded {
    pub(crate) n_pipeline: usize,
    pub(crate) weights_ms: f64,
}

/// The plans of one way of reading activations.
#[derive(Debug)]
pub(crate) struct Plans {
    pub(crate) activations: ActivationType,
    pub(crate) prefill: Plan,
    /// Prefill of at most [`FEW_TOKENS`], where kernels have other parameters for them.
    pub(crate) few: Option<Plan>,
    pub(crate) decode: Plan,
    pub(crate) head: Plan,
    pub(crate) scorer: Option<Scorer>,
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

impl Model {
    pub(crate) fn new(
        device: Device,
        hparams: Hparams,
        memory: MemoryPlan,
        kv: Kv,
        (weights, acts): (Weights, Activations),
        plans: Vec<Plans>,
        loaded: Loaded,
    ) -> Self {
        let token_slots = [(); N_SLOT].map(|()| Readback::new(&device, 4));
        let logits_slot = Readback::new(&device, u64::from(hparams.n_vocab) * 4);
        let model = Self {
            device,
            hparams,
            memory,
            kv,
            weights,
            acts,
            plans,
            current: 0,
            loaded,
            token_slots,
            next_slot: 0,
            logits_slot,
        };
        model.write_block_table();
        model
    }

    pub(crate) fn device(&self) -> &Device {
        &self.device
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

    /// Types and size of the cache.
    #[must_use]
    pub fn kv_options(&self) -> KvOptions {
        self.kv.options
    }

    /// How matrices of quants read their input.
    #[must_use]
    pub fn activations(&self) -> ActivationType {
        self.plans().activations
    }

    /// The ways that were recorded.
    pub fn recorded_activations(&self) -> impl Iterator<Item = ActivationType> {
        self.plans.iter().map(|plans| plans.activations)
    }

    /// Goes on with another way that was recorded; what the cache holds stays.
    ///
    /// # Panics
    /// If it was not recorded.
    pub fn set_activations(&mut self, activations: ActivationType) {
        let current = self
            .recorded_activations()
            .position(|recorded| recorded == activations);
        self.current = current.expect("a way that was recorded");
    }

    /// Drops the plans of all ways but the one in use.
    pub fn keep_current_activations(&mut self) {
        let mut plans = self.plans.swap_remove(self.current);
        // Made to compare the ways; whoever scores a text gets another.
        plans.scorer = None;
        self.plans = vec![plans];
        self.current = 0;
    }

    pub(crate) fn plans(&self) -> &Plans {
        &self.plans[self.current]
    }

    pub(crate) fn scorer_slot(&mut self) -> &mut Option<Scorer> {
        &mut self.plans[self.current].scorer
    }

    /// Dispatches of one decode step, head and greedy choice included.
    #[must_use]
    pub fn dispatches_per_token(&self) -> usize {
        self.plans().decode.len() + self.plans().head.len()
    }

    /// Distinct pipelines.
    #[must_use]
    pub fn n_pipeline(&self) -> usize {
        self.loaded.n_pipeline
    }

    /// How long the weights were on their way: from when the first of them could be taken until the last lay in its
    /// place.
    ///
    /// # Units
    /// Milliseconds.
    #[must_use]
    pub fn weights_ms(&self) -> f64 {
        self.loaded.weights_ms
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

        let slot = self.next_slot;
        self.next_slot = (slot + 1) % N_SLOT;
        let plans = self.plans();
        let (body, head) = match batch.phase {
            Phase::Decode => (&plans.decode, &plans.head),
            Phase::Prefill => {
                let few = plans.few.as_ref().filter(|_| n_token <= FEW_TOKENS);
                (few.unwrap_or(&plans.prefill), &plans.head)
            }
        };
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
            Head::Token => self.device.submit(&[body, head], n_token, Some(token))?,
            Head::Logits(_) => self.device.submit(&[body, head], n_token, Some(logits))?,
        }
        Ok(Ticket { slot })
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
