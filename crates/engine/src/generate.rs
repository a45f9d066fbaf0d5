//! Generation: prompt in, pieces of text out, one token per step.

use std::fmt;

use ggweb_gpu::Clock;
use ggweb_model::forward::Phase;
use ggweb_model::{Batch, Head};
use ggweb_sampler::{Sampler, SamplerOptions};
use ggweb_tokenizer::{Detokenizer, EncodeOptions};

use crate::abort::Abort;
use crate::error::{Error, Result};
use crate::model::Model;

/// What to continue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prompt {
    /// Text; control tokens in it are plain text.
    Text(String),
    /// Ids, taken as they are.
    Tokens(Vec<u32>),
}

/// How to continue it.
#[derive(Debug, Clone, PartialEq)]
pub struct GenerateOptions {
    /// Tokens at most.
    pub n_predict: u32,
    /// Run on past end-of-generation tokens.
    pub ignore_eos: bool,
    /// How tokens are chosen.
    pub sampler: SamplerOptions,
}

impl Default for GenerateOptions {
    fn default() -> Self {
        Self {
            n_predict: 256,
            ignore_eos: false,
            sampler: SamplerOptions::default(),
        }
    }
}

/// Why a generation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// The model chose an end-of-generation token.
    Eog,
    /// `n_predict` tokens were generated.
    Length,
    /// The context is full.
    Context,
    /// The caller aborted.
    Aborted,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Eog => "eog",
            Self::Length => "length",
            Self::Context => "context",
            Self::Aborted => "aborted",
        })
    }
}

/// How long the parts of a generation took.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Timings {
    /// Loading the model, in milliseconds.
    pub load_ms: f64,
    /// From the call to the first token, in milliseconds.
    pub ttft_ms: f64,
    /// Running the prompt, in milliseconds.
    pub prefill_ms: f64,
    /// From the first token to the last one, in milliseconds.
    pub decode_ms: f64,
    /// Prompt tokens per second.
    pub prefill_tok_s: f64,
    /// Generated tokens per second, behind the first one.
    pub decode_tok_s: f64,
}

/// A finished generation.
#[derive(Debug, Clone, PartialEq)]
pub struct Generation {
    /// Ids of the prompt.
    pub prompt_tokens: Vec<u32>,
    /// Ids that were generated, without the end-of-generation token that stopped it.
    pub tokens: Vec<u32>,
    /// Their text; empty if the file's tokenizer is not there.
    pub text: String,
    /// Why it ended.
    pub stop_reason: StopReason,
    /// How long it took.
    pub timings: Timings,
}

/// Steps kept in flight while the greedy choice stays on the GPU.
const N_AHEAD: usize = 2;

impl Model {
    /// Ids of a prompt: text is encoded with the file's own rules for BOS and EOS.
    ///
    /// # Errors
    /// [`Error::UnsupportedModel`] if the file's tokenizer is not there, [`Error::InvalidArgument`] or
    /// [`Error::ContextFull`].
    pub fn encode(&self, prompt: &Prompt) -> Result<Vec<u32>> {
        let ids = match (prompt, &self.tokenizer) {
            (Prompt::Tokens(ids), _) => ids.clone(),
            (Prompt::Text(text), Some(tokenizer)) => tokenizer
                .encode(
                    text,
                    EncodeOptions {
                        add_special: true,
                        parse_special: false,
                    },
                )
                .map_err(|error| Error::InvalidArgument(error.to_string()))?,
            (Prompt::Text(_), None) => {
                let why = self.info.no_tokenizer.clone().unwrap_or_default();
                return Err(Error::UnsupportedModel(format!(
                    "{why}; token ids can be given instead of text"
                )));
            }
        };
        self.check_ids(&ids)?;
        Ok(ids)
    }

    /// Continues `prompt`; `on_piece` gets each token with the text that it completes, which may be empty,
    /// and at the end the text that no token completes, if there is any, without one.
    ///
    /// # Errors
    /// What [`Model::encode`] says, [`Error::InvalidArgument`] for sampler options, or what the device reports.
    /// An abort is no error: what was generated is returned.
    pub async fn generate(
        &mut self,
        prompt: &Prompt,
        options: &GenerateOptions,
        abort: &Abort,
        on_piece: &mut dyn FnMut(&str, Option<u32>),
    ) -> Result<Generation> {
        let clock = Clock::start();
        let prompt_tokens = self.encode(prompt)?;
        let mut sampler = Sampler::new(&options.sampler)?;
        for id in &prompt_tokens {
            sampler.accept(*id);
        }
        let mut run = Run {
            n_prompt: prompt_tokens.len() as u32,
            options,
            abort,
            detokenizer: self
                .tokenizer
                .as_ref()
                .map(|tokenizer| tokenizer.detokenizer()),
            tokens: Vec::new(),
            text: String::new(),
            on_piece,
            clock,
            first_ms: None,
            prefill_ms: 0.0,
        };
        let outcome = if options.n_predict == 0 {
            Ok(StopReason::Length)
        } else if sampler.is_greedy() {
            self.generate_greedy(&prompt_tokens, &mut run).await
        } else {
            self.generate_sampled(&prompt_tokens, &mut sampler, &mut run)
                .await
        };
        let stop_reason = match outcome {
            Err(Error::Aborted) => StopReason::Aborted,
            other => other?,
        };
        Ok(run.finish(prompt_tokens, stop_reason, self.load_ms))
    }

    /// The choice stays on the GPU: the next step is submitted before the last one's token is known.
    async fn generate_greedy(&mut self, ids: &[u32], run: &mut Run<'_>) -> Result<StopReason> {
        let first = self
            .prefill(ids, 0, run.abort, false)
            .await?
            .unwrap_or_default();
        run.prefill_ms = run.clock.elapsed_ms();
        if let Some(reason) = run.take(first, &self.eog) {
            return Ok(reason);
        }
        let n_ctx = self.info.n_ctx;
        let mut pos = run.n_prompt;
        let mut in_flight = std::collections::VecDeque::new();
        loop {
            let left = run.options.n_predict as usize - run.tokens.len();
            while in_flight.len() < left.min(N_AHEAD) && pos < n_ctx && !run.abort.is_aborted() {
                let batch = Batch {
                    tokens: None,
                    pos,
                    phase: Phase::Decode,
                    head: Head::Token,
                };
                in_flight.push_back(self.inner.run(&batch)?);
                pos += 1;
            }
            let Some(ticket) = in_flight.pop_front() else {
                return if run.abort.is_aborted() {
                    Err(Error::Aborted)
                } else {
                    Ok(StopReason::Context)
                };
            };
            let id = self.inner.token(ticket).await?;
            let reason = if run.abort.is_aborted() {
                Some(StopReason::Aborted)
            } else {
                run.take(id, &self.eog)
            };
            if let Some(reason) = reason {
                for ticket in in_flight {
                    self.inner.token(ticket).await?;
                }
                return Ok(reason);
            }
        }
    }

    /// The CPU chooses from the logits of each step.
    async fn generate_sampled(
        &mut self,
        ids: &[u32],
        sampler: &mut Sampler,
        run: &mut Run<'_>,
    ) -> Result<StopReason> {
        let mut logits = vec![0.0; self.info.n_vocab as usize];
        self.prefill(ids, 0, run.abort, true).await?;
        let mut pos = run.n_prompt;
        loop {
            self.inner.logits(&mut logits).await?;
            if run.tokens.is_empty() {
                run.prefill_ms = run.clock.elapsed_ms();
            }
            crate::model::stop_if(run.abort)?;
            let id = sampler
                .sample(&logits, u64::from(pos), 0)
                .map_err(|error| Error::Internal(format!("{error} at position {pos}")))?;
            sampler.accept(id);
            if let Some(reason) = run.take(id, &self.eog) {
                return Ok(reason);
            }
            if pos >= self.info.n_ctx {
                return Ok(StopReason::Context);
            }
            let batch = Batch {
                tokens: Some(&[id]),
                pos,
                phase: Phase::Decode,
                head: Head::Logits(0),
            };
            self.inner.run(&batch)?;
            pos += 1;
        }
    }
}

/// A generation under way.
struct Run<'a> {
    n_prompt: u32,
    options: &'a GenerateOptions,
    abort: &'a Abort,
    detokenizer: Option<Detokenizer>,
    tokens: Vec<u32>,
    text: String,
    on_piece: &'a mut dyn FnMut(&str, Option<u32>),
    clock: Clock,
    first_ms: Option<f64>,
    prefill_ms: f64,
}

impl Run<'_> {
    /// Takes one token; says why to stop, if it is the last one.
    fn take(&mut self, id: u32, eog: &[u32]) -> Option<StopReason> {
        self.first_ms.get_or_insert_with(|| self.clock.elapsed_ms());
        if eog.contains(&id) && !self.options.ignore_eos {
            return Some(StopReason::Eog);
        }
        self.tokens.push(id);
        let piece = self
            .detokenizer
            .as_mut()
            .map(|detokenizer| detokenizer.push(id))
            .unwrap_or_default();
        self.text.push_str(&piece);
        (self.on_piece)(&piece, Some(id));
        (self.tokens.len() >= self.options.n_predict as usize).then_some(StopReason::Length)
    }

    fn finish(
        mut self,
        prompt_tokens: Vec<u32>,
        stop_reason: StopReason,
        load_ms: f64,
    ) -> Generation {
        if let Some(rest) = self
            .detokenizer
            .take()
            .map(Detokenizer::finish)
            .filter(|rest| !rest.is_empty())
        {
            self.text.push_str(&rest);
            (self.on_piece)(&rest, None);
        }
        let ttft_ms = self.first_ms.unwrap_or(0.0);
        let decode_ms = if self.first_ms.is_some() {
            self.clock.elapsed_ms() - ttft_ms
        } else {
            0.0
        };
        let rate = |n: usize, ms: f64| {
            if ms > 0.0 {
                n as f64 * 1000.0 / ms
            } else {
                0.0
            }
        };
        let timings = Timings {
            load_ms,
            ttft_ms,
            prefill_ms: self.prefill_ms,
            decode_ms,
            prefill_tok_s: rate(prompt_tokens.len(), self.prefill_ms),
            decode_tok_s: rate(self.tokens.len().saturating_sub(1), decode_ms),
        };
        Generation {
            prompt_tokens,
            tokens: self.tokens,
            text: self.text,
            stop_reason,
            timings,
        }
    }
}
