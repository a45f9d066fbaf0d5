//! Logits of many rows at once: the head as a matrix product, for whoever scores a text.
//!
//! One token's head is a `matvec`; a text's would read the largest matrix of the model once for every token of it.
//! What this takes is made when it is first asked for: most models never score anything.

use ggweb_gpu::ops::Step;
use ggweb_gpu::plan::Fetch;
use ggweb_gpu::shader::Pipelines;
use ggweb_gpu::{Binding, BufferUse, Plan, Readback, Recorder};

use crate::error::Result;
use crate::forward::{Parts, head_rows};
use crate::memory::Widths;
use crate::model::Model;

/// Most bytes of logits at a time: they lie on the GPU, in a buffer to be read and at the caller's.
const LOGITS_BYTES: u64 = 8 << 20;
/// Rows at a time where the vocabulary is large, and where it is small: tiles of the kernels.
const ROWS: (u32, u32) = (8, 64);

/// The head over some rows, and where its logits land.
#[derive(Debug)]
pub(crate) struct Scorer {
    plan: Plan,
    logits: Binding,
    readback: Readback,
}

impl Scorer {
    async fn new(model: &Model) -> Result<Self> {
        let size_bytes = u64::from(model.score_rows()) * u64::from(model.hparams.n_vocab) * 4;
        let (logits, readback) = model
            .device
            .guarded("rows of logits", 2 * size_bytes, |device| {
                let logits = device.buffer("logits_rows", size_bytes, BufferUse::Storage);
                (logits.whole(), Readback::new(device, size_bytes))
            })
            .await?;
        let parts = Parts {
            hparams: &model.hparams,
            widths: Widths::new(&model.hparams),
            weights: &model.weights,
            acts: &model.acts,
            kv: &model.kv,
            activations: model.activations(),
            n_token: model.score_rows(),
        };
        let mut pipelines = Pipelines::new(&model.device);
        let mut rec = Recorder::new(&mut pipelines);
        head_rows(&mut rec, &parts, &logits);
        let recording = rec.finish();
        pipelines.ready().await?;
        Ok(Self {
            plan: recording.into_plan(&pipelines),
            logits,
            readback,
        })
    }
}

impl Model {
    /// How many rows of logits [`Model::score`] gives at most.
    #[must_use]
    pub fn score_rows(&self) -> u32 {
        let fits = LOGITS_BYTES / (u64::from(self.hparams.n_vocab) * 4);
        let (few, many) = ROWS;
        (fits as u32 / few * few).clamp(few, many)
    }

    /// The logits of rows `row .. row + n_row` of the last prefill batch.
    ///
    /// # Shapes
    /// `into`: `[n_row, n_vocab]`, with `n_row` at most [`Model::score_rows`].
    ///
    /// # Errors
    /// What the device reports; the first call allocates and compiles.
    ///
    /// # Panics
    /// If `into` is empty, no whole number of rows, or more of them.
    pub async fn score(&mut self, row: u32, into: &mut [f32]) -> Result<()> {
        let n_vocab = self.hparams.n_vocab as usize;
        let n_row = (into.len() / n_vocab) as u32;
        assert!(
            into.len().is_multiple_of(n_vocab) && (1..=self.score_rows()).contains(&n_row),
            "whole rows of logits, as many as fit"
        );
        if self.plans().scorer.is_none() {
            let scorer = Scorer::new(self).await?;
            *self.scorer_slot() = Some(scorer);
        }
        let scorer = self.plans().scorer.as_ref().expect("it is there by now");
        let step = Step {
            n_token: n_row,
            logits_row: row,
            ..Step::default()
        };
        self.device
            .write(self.acts.step.buffer(), 0, bytemuck::bytes_of(&step));
        let logits = Fetch {
            from: &scorer.logits,
            size_bytes: size_of_val(into) as u64,
            into: &scorer.readback,
        };
        self.device.submit(&[&scorer.plan], n_row, Some(logits))?;
        Ok(scorer.readback.read(bytemuck::cast_slice_mut(into)).await?)
    }
}
