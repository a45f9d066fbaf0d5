//! Goldens against anything that turns ids into logits.

use crate::compare::{argmax, kl, kl_top, log_softmax, max_diff};
use crate::golden::{ArchGolden, ArchPrompt, Extremes, ModelGolden, Step};

/// How near logits must come to the goldens.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Steps with a smaller margin between the two best ids may choose either.
    pub margin: f64,
    /// Largest difference of a logit.
    pub logit: f64,
    /// Largest KL divergence.
    pub kl: f64,
    /// Largest relative difference of the mean negative log-likelihood.
    pub nll: f64,
}

impl Bounds {
    /// Trained models in f32 throughout: order of sums.
    pub const F32: Self = Self {
        margin: 0.01,
        logit: 2e-3,
        kl: 1e-6,
        nll: 1e-3,
    };
    /// Trained models with f16 in the KV cache or the kernels.
    pub const F16: Self = Self {
        margin: 0.1,
        logit: 5e-2,
        kl: 1e-4,
        nll: 1e-3,
    };
    /// Generated models in f32 throughout: their goldens carry whole rows.
    pub const ARCH: Self = Self {
        margin: 0.01,
        logit: 1e-3,
        kl: 1e-6,
        nll: 1e-3,
    };
}

/// The worst distances met.
#[derive(Debug, Clone, Copy, Default)]
pub struct Worst {
    /// Largest difference of a logit.
    pub logit: f64,
    /// Largest KL divergence.
    pub kl: f64,
    /// Largest relative difference of the mean negative log-likelihood.
    pub nll: f64,
    /// Greedy steps compared.
    pub n_step: usize,
    /// Greedy steps left out because their margin is too small.
    pub n_step_near: usize,
}

impl Worst {
    fn logit(&mut self, diff: f64, bounds: &Bounds, place: &str) {
        assert!(
            diff <= bounds.logit,
            "{place}: a logit is off by {diff:e}, allowed {:e}",
            bounds.logit
        );
        self.logit = self.logit.max(diff);
    }

    fn kl(&mut self, kl: f64, bounds: &Bounds, place: &str) {
        // The golden's log-probabilities are rounded, so a sum may come out a little below zero.
        assert!(
            kl.abs() <= bounds.kl,
            "{place}: KL is {kl:e}, allowed {:e}",
            bounds.kl
        );
        self.kl = self.kl.max(kl.abs());
    }

    /// The value at the golden's argmax rather than ours, which may be a near tie.
    fn extremes(&mut self, row: &[f32], want: &Extremes, bounds: &Bounds, place: &str) {
        let min = row.iter().copied().fold(f32::INFINITY, f32::min);
        self.logit((f64::from(min) - want.min).abs(), bounds, place);
        let max = row[want.argmax as usize];
        self.logit((f64::from(max) - want.max).abs(), bounds, place);
    }

    /// `logits` begin at the last position of the prompt: one row for each step.
    fn greedy(&mut self, steps: &[Step], logits: &[f32], bounds: &Bounds, place: &str) {
        let rows = logits.chunks_exact(logits.len() / steps.len());
        for (i, (step, row)) in steps.iter().zip(rows).enumerate() {
            if step.margin <= bounds.margin {
                self.n_step_near += 1;
                continue;
            }
            assert_eq!(
                argmax(row),
                step.id,
                "{place}: greedy step {i}, margin {}",
                step.margin
            );
            self.n_step += 1;
        }
    }
}

impl std::fmt::Display for Worst {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "logit {:.1e}, KL {:.1e}, NLL {:.1e}, {} greedy steps, {} near ties",
            self.logit, self.kl, self.nll, self.n_step, self.n_step_near
        )
    }
}

/// A trained model against its golden: extremes at each position, the top 16, greedy ids by teacher
/// forcing, and the likelihood of a text.
///
/// `logits_of` gives `[n_token, n_vocab]` for a sequence that starts at position 0.
///
/// # Panics
/// If anything is out of bounds.
pub fn model(
    golden: &ModelGolden,
    bounds: &Bounds,
    mut logits_of: impl FnMut(&[u32]) -> Vec<f32>,
) -> Worst {
    let mut worst = Worst::default();
    for (i, prompt) in golden.prompts.iter().enumerate() {
        let place = format!("prompt {i}");
        let logits = logits_of(&fed(&prompt.ids, &prompt.greedy));
        let n_vocab = logits.len() / (prompt.ids.len() + prompt.greedy.len() - 1);
        let (before, from_last) = logits.split_at((prompt.ids.len() - 1) * n_vocab);
        let last = &from_last[..n_vocab];
        for (row, want) in before
            .chunks_exact(n_vocab)
            .chain([last])
            .zip(&prompt.per_position)
        {
            worst.extremes(row, want, bounds, &place);
        }
        for &(id, want) in &prompt.top_logits {
            worst.logit((f64::from(last[id as usize]) - want).abs(), bounds, &place);
        }
        worst.kl(kl_top(last, &prompt.top_logprobs), bounds, &place);
        worst.greedy(&prompt.greedy, from_last, bounds, &place);
    }

    let logits = logits_of(&golden.nll_ids);
    let n_vocab = logits.len() / golden.nll_ids.len();
    let mut nll = 0.0;
    for (row, id) in logits.chunks_exact(n_vocab).zip(&golden.nll_ids[1..]) {
        nll -= log_softmax(row)[*id as usize];
    }
    let want: f64 = golden.token_nll.iter().sum();
    worst.nll = (nll - want).abs() / want;
    assert!(
        worst.nll <= bounds.nll,
        "NLL of the text is {nll}, the golden says {want}"
    );
    worst
}

/// A generated model against its golden: logits at the last position (at all, where the golden has
/// them) and greedy ids by teacher forcing.
///
/// # Panics
/// If anything is out of bounds.
pub fn arch(
    golden: &ArchGolden,
    bounds: &Bounds,
    mut logits_of: impl FnMut(&[u32]) -> Vec<f32>,
) -> Worst {
    let mut worst = Worst::default();
    for prompt in &golden.prompts {
        arch_prompt(prompt, bounds, &mut logits_of, &mut worst);
    }
    worst
}

fn arch_prompt(
    prompt: &ArchPrompt,
    bounds: &Bounds,
    mut logits_of: impl FnMut(&[u32]) -> Vec<f32>,
    worst: &mut Worst,
) {
    let logits = logits_of(&fed(&prompt.ids, &prompt.greedy));
    let n_vocab = prompt.logits_last.len();
    let n = prompt.ids.len();
    let mut row = |got: &[f32], want: &[f32]| {
        worst.logit(max_diff(got, want), bounds, &prompt.name);
        worst.kl(kl(got, want), bounds, &prompt.name);
    };
    row(&logits[(n - 1) * n_vocab..n * n_vocab], &prompt.logits_last);
    if let Some(all) = &prompt.logits_all {
        for (got, want) in logits.chunks_exact(n_vocab).zip(all.chunks_exact(n_vocab)) {
            row(got, want);
        }
    }
    worst.greedy(
        &prompt.greedy,
        &logits[(n - 1) * n_vocab..],
        bounds,
        &prompt.name,
    );
}

/// How much more int8 activations may cost than llama.cpp's own 8-bit ones: both round to 127 steps, in blocks of
/// other sizes.
const INT8_FACTOR: f64 = 2.0;

/// A generated model with int8 activations: what they cost beside what llama.cpp's own cost on the same file, both as a
/// mean over the prompts of the KL divergence from exact arithmetic. Gives both.
///
/// # Panics
/// If ours is more than twice as much, or the golden does not say.
pub fn int8(
    golden: &ArchGolden,
    place: &str,
    mut logits_of: impl FnMut(&[u32]) -> Vec<f32>,
) -> (f64, f64) {
    let (mut ours, mut theirs) = (0.0, 0.0);
    for prompt in &golden.prompts {
        let logits = logits_of(&prompt.ids);
        let last = &logits[logits.len() - prompt.logits_last.len()..];
        ours += kl(last, &prompt.logits_last);
        theirs += prompt.asrun_kl.expect("the golden has llama.cpp's KL");
    }
    let n_prompt = golden.prompts.len() as f64;
    let (ours, theirs) = (ours / n_prompt, theirs / n_prompt);
    let allowed = INT8_FACTOR * theirs;
    assert!(
        ours <= allowed,
        "{place}: int8 activations cost a mean KL of {ours:e}, allowed {allowed:e}"
    );
    (ours, theirs)
}

/// The prompt and the golden's own greedy ids but the last, after which nothing is asked.
fn fed(prompt: &[u32], greedy: &[Step]) -> Vec<u32> {
    let n_fed = greedy.len() - 1;
    prompt
        .iter()
        .copied()
        .chain(greedy[..n_fed].iter().map(|step| step.id))
        .collect()
}
