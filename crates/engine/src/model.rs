//! A loaded model: what it is, and its logits.

use ggweb_gguf::Header;
use ggweb_gpu::Device;
use ggweb_gpu::ops::Epilogue;
use ggweb_model::forward::Phase;
use ggweb_model::model::N_BATCH;
use ggweb_model::{Batch, Head};
use ggweb_tokenizer::Tokenizer;

use crate::abort::Abort;
use crate::error::{Error, Result};
use crate::gate::Gate;
use crate::info::{ModelInfo, describe};

/// A model on the GPU with its tokenizer and one sequence.
#[derive(Debug)]
pub struct Model {
    pub(crate) device: Device,
    pub(crate) inner: ggweb_model::Model,
    pub(crate) tokenizer: Option<Tokenizer>,
    pub(crate) eog: Vec<u32>,
    pub(crate) info: ModelInfo,
    pub(crate) load_ms: f64,
    pub(crate) chunk: ChunkSize,
    pub(crate) gate: Option<Gate>,
}

/// How many tokens of a prompt go into one submit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChunkSize {
    n_token: u32,
    /// What the kernels compute at once: fewer tokens take as long.
    tile: u32,
    fixed: bool,
}

/// A submit of the prompt should take about this long, so that a stop is prompt and no watchdog wakes.
const CHUNK_MS: f64 = 250.0;

impl ChunkSize {
    /// One tile at first, as the adapter's speed is not known yet.
    fn measured(tile: u32) -> Self {
        Self {
            n_token: tile,
            tile,
            fixed: false,
        }
    }

    fn learn(&mut self, n_token: u32, elapsed_ms: f64) {
        // A short chunk says little of a long one: only whole chunks teach.
        if !self.fixed && n_token == self.n_token {
            let fits = f64::from(n_token) * CHUNK_MS / elapsed_ms.max(0.1);
            self.n_token = (fits as u32 / self.tile * self.tile).clamp(self.tile, N_BATCH);
        }
    }
}

impl Model {
    pub(crate) fn new(
        device: Device,
        header: &Header,
        inner: ggweb_model::Model,
        tokenizer: std::result::Result<Tokenizer, ggweb_tokenizer::Error>,
        eog: Vec<u32>,
    ) -> Self {
        let no_tokenizer = tokenizer.as_ref().err().map(ToString::to_string);
        let info = describe(&device, header, &inner, no_tokenizer);
        let tokenizer = tokenizer.ok();
        let tile = device.caps().matmul(Epilogue::Store, N_BATCH).tokens();
        Self {
            device,
            inner,
            tokenizer,
            eog,
            info,
            load_ms: 0.0,
            chunk: ChunkSize::measured(tile),
            gate: None,
        }
    }

    /// What was loaded and where it runs.
    #[must_use]
    pub fn info(&self) -> &ModelInfo {
        &self.info
    }

    /// The tokenizer; `None` if this version has none for the file's kind. Such a model runs by ids.
    #[must_use]
    pub fn tokenizer(&self) -> Option<&Tokenizer> {
        self.tokenizer.as_ref()
    }

    /// Ids that end a generation.
    #[must_use]
    pub fn eog(&self) -> &[u32] {
        &self.eog
    }

    /// How long the load took.
    ///
    /// # Units
    /// Milliseconds.
    #[must_use]
    pub fn load_ms(&self) -> f64 {
        self.load_ms
    }

    /// How much of that the weights were on their way: the pipelines compile beside them, and after them.
    ///
    /// # Units
    /// Milliseconds.
    #[must_use]
    pub fn weights_ms(&self) -> f64 {
        self.inner.weights_ms()
    }

    /// Gives the sequence its KV pages in another order.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if `pages` is not a permutation of all pages.
    pub fn set_block_table(&mut self, pages: &[u32]) -> Result<()> {
        let n_page = self.inner.kv_options().n_page();
        let mut sorted = pages.to_vec();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..n_page) {
            return Err(Error::InvalidArgument(format!(
                "a block table names each of the {n_page} pages once"
            )));
        }
        self.inner.set_block_table(pages);
        Ok(())
    }

    /// Fixes how many tokens of a prompt go into one submit, instead of measuring it.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] if it is 0 or above 128.
    pub fn set_prefill_chunk(&mut self, n_token: u32) -> Result<()> {
        if !(1..=N_BATCH).contains(&n_token) {
            return Err(Error::InvalidArgument(format!(
                "a chunk has 1 to {N_BATCH} tokens, not {n_token}"
            )));
        }
        self.chunk.n_token = n_token;
        self.chunk.fixed = true;
        Ok(())
    }

    /// The logits behind the last of `ids`.
    ///
    /// # Shapes
    /// Returns `[n_vocab]`.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for no ids or an id outside the vocabulary, [`Error::ContextFull`],
    /// [`Error::Aborted`], or what the device reports.
    pub async fn logits(&mut self, ids: &[u32], abort: &Abort) -> Result<Vec<f32>> {
        self.check_ids(ids)?;
        let mut logits = vec![0.0; self.info.n_vocab as usize];
        self.prefill(ids, 0, abort, true).await?;
        self.inner.logits(&mut logits).await?;
        Ok(logits)
    }

    /// The logits behind each of `ids`, one position at a time.
    ///
    /// # Shapes
    /// `on_logits` gets the position and `[n_vocab]`.
    ///
    /// # Errors
    /// As [`Model::logits`].
    pub async fn logits_all(
        &mut self,
        ids: &[u32],
        abort: &Abort,
        on_logits: &mut dyn FnMut(usize, &[f32]),
    ) -> Result<()> {
        self.check_ids(ids)?;
        let n_vocab = self.info.n_vocab as usize;
        let rows_at_once = self.inner.score_rows() as usize;
        let mut logits = Vec::new();
        let mut pos = 0;
        while pos < ids.len() {
            let n_token = self.prefill_chunk(ids, pos as u32, 0, abort).await? as usize;
            for row in (0..n_token).step_by(rows_at_once) {
                stop_if(abort)?;
                logits.resize((n_token - row).min(rows_at_once) * n_vocab, 0.0);
                self.inner.score(row as u32, &mut logits).await?;
                for (i, row_logits) in logits.chunks_exact(n_vocab).enumerate() {
                    on_logits(pos + row + i, row_logits);
                }
            }
            pos += n_token;
        }
        Ok(())
    }

    /// The logits behind each of `ids`, fed one token at a time through the decode kernels.
    ///
    /// # Shapes
    /// As [`Model::logits_all`].
    ///
    /// # Errors
    /// As [`Model::logits`].
    pub async fn logits_decode(
        &mut self,
        ids: &[u32],
        abort: &Abort,
        on_logits: &mut dyn FnMut(usize, &[f32]),
    ) -> Result<()> {
        self.check_ids(ids)?;
        let mut logits = vec![0.0; self.info.n_vocab as usize];
        for (pos, id) in ids.iter().enumerate() {
            stop_if(abort)?;
            let batch = Batch {
                tokens: Some(&[*id]),
                pos: pos as u32,
                phase: Phase::Decode,
                head: Head::Logits(0),
            };
            self.inner.run(&batch)?;
            self.inner.logits(&mut logits).await?;
            on_logits(pos, &logits);
        }
        Ok(())
    }

    /// Ends the device and frees what the model holds.
    pub fn dispose(self) {
        self.device.destroy();
    }

    pub(crate) fn check_ids(&self, ids: &[u32]) -> Result<()> {
        let (n_vocab, n_ctx) = (self.info.n_vocab, self.info.n_ctx);
        if ids.is_empty() {
            return Err(Error::InvalidArgument(
                "the prompt is empty: at least one token is needed".to_owned(),
            ));
        }
        if let Some((at, id)) = ids.iter().enumerate().find(|(_, id)| **id >= n_vocab) {
            let message = format!(
                "token {at} is the id {id}, but the vocabulary ends at {}",
                n_vocab - 1
            );
            return Err(Error::InvalidArgument(message));
        }
        if ids.len() > n_ctx as usize {
            return Err(Error::ContextFull {
                n_prompt: ids.len(),
                n_ctx,
            });
        }
        Ok(())
    }

    /// Runs all of `ids` from position `pos_0` on; the last submit ends with the head and its logits, or with the
    /// greedy choice, whose token is returned.
    pub(crate) async fn prefill(
        &mut self,
        ids: &[u32],
        pos_0: u32,
        abort: &Abort,
        logits: bool,
    ) -> Result<Option<u32>> {
        let mut done = 0;
        loop {
            stop_if(abort)?;
            let left = ids.len() - done;
            let n_token = left.min(self.chunk.n_token as usize);
            let last = n_token == left;
            if !last {
                self.prefill_chunk(ids, done as u32, pos_0, abort).await?;
                done += n_token;
                continue;
            }
            let head = if logits {
                Head::Logits(n_token as u32 - 1)
            } else {
                Head::Token
            };
            let batch = Batch {
                tokens: Some(&ids[done..]),
                pos: pos_0 + done as u32,
                phase: Phase::Prefill,
                head,
            };
            let ticket = self.inner.run(&batch)?;
            return if logits {
                Ok(None)
            } else {
                Ok(Some(self.inner.token(ticket).await?))
            };
        }
    }

    /// Runs one chunk of `ids` from index `done` on and waits for it. Gives its length.
    async fn prefill_chunk(
        &mut self,
        ids: &[u32],
        done: u32,
        pos_0: u32,
        abort: &Abort,
    ) -> Result<u32> {
        stop_if(abort)?;
        let n_token = (ids.len() as u32 - done).min(self.chunk.n_token);
        let tokens = &ids[done as usize..(done + n_token) as usize];
        let clock = ggweb_gpu::Clock::start();
        let batch = Batch {
            tokens: Some(tokens),
            pos: pos_0 + done,
            phase: Phase::Prefill,
            head: Head::None,
        };
        let ticket = self.inner.run(&batch)?;
        self.inner.token(ticket).await?;
        self.chunk.learn(n_token, clock.elapsed_ms());
        Ok(n_token)
    }
}

pub(crate) fn stop_if(abort: &Abort) -> Result<()> {
    if abort.is_aborted() {
        Err(Error::Aborted)
    } else {
        Ok(())
    }
}
