//! The steps of the chain: each narrows or reweights a list of candidates.

use std::cmp::Ordering;

/// How many candidates top-p sorts at first; text models rarely need more.
const TOP_P_SORTED_MIN: usize = 256;

/// A token that may still be chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) id: u32,
    /// Never NaN, positive infinity or negative zero.
    pub(crate) logit: f32,
}

impl Candidate {
    /// NaN becomes negative infinity, positive infinity the largest finite number, negative zero zero.
    pub(crate) fn new(id: u32, logit: f32) -> Self {
        let logit = if logit.is_nan() {
            f32::NEG_INFINITY
        } else {
            logit.min(f32::MAX) + 0.0
        };
        Self { id, logit }
    }

    /// Most likely first; of two equal ones the lower id first.
    fn by_likelihood(&self, other: &Self) -> Ordering {
        other
            .logit
            .total_cmp(&self.logit)
            .then(self.id.cmp(&other.id))
    }
}

/// The most likely candidate, the lowest id of equal ones.
pub(crate) fn argmax(candidates: &[Candidate]) -> Option<Candidate> {
    candidates.iter().copied().min_by(Candidate::by_likelihood)
}

/// Divides positive logits by the penalty and multiplies the others with it, once for each distinct id.
///
/// `candidates` is the whole vocabulary in order of id; ids outside it are passed over.
///
/// # Source
/// llama.cpp, `llama_sampler_penalties_apply`.
pub(crate) fn repeat_penalty(candidates: &mut [Candidate], distinct_ids: &[u32], penalty: f32) {
    for &id in distinct_ids {
        if let Some(candidate) = candidates.get_mut(id as usize) {
            let logit = candidate.logit;
            let logit = if logit > 0.0 {
                logit / penalty
            } else {
                logit * penalty
            };
            *candidate = Candidate::new(id, logit);
        }
    }
}

/// Keeps the `k` most likely candidates, in any order; 0 keeps all.
///
/// One pass: what is less likely than `k` seen before is dropped at sight, which is nearly everything.
pub(crate) fn top_k(candidates: &mut Vec<Candidate>, k: usize) {
    if k == 0 || k >= candidates.len() {
        return;
    }
    let mut n_kept = 0;
    let mut worst: Option<Candidate> = None;
    for idx in 0..candidates.len() {
        let candidate = candidates[idx];
        if worst.is_some_and(|worst| candidate.by_likelihood(&worst).is_gt()) {
            continue;
        }
        candidates[n_kept] = candidate;
        n_kept += 1;
        if n_kept == 2 * k {
            candidates[..n_kept].select_nth_unstable_by(k - 1, Candidate::by_likelihood);
            worst = Some(candidates[k - 1]);
            n_kept = k;
        }
    }
    candidates.truncate(n_kept);
    if n_kept > k {
        candidates.select_nth_unstable_by(k - 1, Candidate::by_likelihood);
        candidates.truncate(k);
    }
}

/// Keeps the fewest most likely candidates whose probabilities reach `p`, in any order; 1 keeps all.
///
/// Sorts only as far as needed: the head of the distribution first, then three times as much again.
pub(crate) fn top_p(candidates: &mut Vec<Candidate>, p: f32) {
    let Some(max) = argmax(candidates).filter(|_| p < 1.0) else {
        return;
    };
    let weight = |c: &Candidate| f64::from(c.logit - max.logit).exp();
    let enough = f64::from(p) * candidates.iter().map(weight).sum::<f64>();
    let (mut n_sorted, mut sum) = (0, 0.0);
    while n_sorted < candidates.len() {
        let rest = &mut candidates[n_sorted..];
        let n = TOP_P_SORTED_MIN.max(3 * n_sorted).min(rest.len());
        if n < rest.len() {
            rest.select_nth_unstable_by(n - 1, Candidate::by_likelihood);
        }
        rest[..n].sort_unstable_by(Candidate::by_likelihood);
        for candidate in &rest[..n] {
            sum += weight(candidate);
            n_sorted += 1;
            if sum >= enough {
                candidates.truncate(n_sorted);
                return;
            }
        }
    }
}

/// Drops the candidates less likely than `p` times the most likely one; 0 keeps all.
pub(crate) fn min_p(candidates: &mut Vec<Candidate>, p: f32) {
    let Some(max) = argmax(candidates).filter(|_| p > 0.0) else {
        return;
    };
    let floor = max.logit + p.ln();
    candidates.retain(|c| c.logit >= floor);
}

/// Draws one candidate with the probabilities at `temperature` (above 0).
///
/// The candidates are laid end to end in order of id, each as wide as its probability, and the one that
/// covers the point `uniform` is taken. Order of id, and not of likelihood: two nearly equal logits that
/// change places from one adapter to the next then do not change the choice.
pub(crate) fn draw(candidates: &mut [Candidate], temperature: f32, uniform: f32) -> Option<u32> {
    let max = argmax(candidates)?;
    candidates.sort_unstable_by_key(|c| c.id);
    let weight = |c: &Candidate| f64::from((c.logit - max.logit) / temperature).exp();
    let point = f64::from(uniform) * candidates.iter().map(weight).sum::<f64>();
    let mut end = 0.0;
    let covering = candidates.iter().find(|c| {
        end += weight(c);
        end > point
    });
    Some(covering.unwrap_or(&max).id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(logits: &[f32]) -> Vec<Candidate> {
        logits
            .iter()
            .zip(0..)
            .map(|(&logit, id)| Candidate::new(id, logit))
            .collect()
    }

    /// Logits whose softmax is exactly these weights over their sum.
    fn from_weights(weights: &[f32]) -> Vec<Candidate> {
        candidates(&weights.iter().map(|w| w.ln()).collect::<Vec<_>>())
    }

    fn ids(mut candidates: Vec<Candidate>) -> Vec<u32> {
        candidates.sort_unstable_by_key(|c| c.id);
        candidates.into_iter().map(|c| c.id).collect()
    }

    #[test]
    fn penalty_divides_positive_and_multiplies_negative() {
        let mut c = candidates(&[4.0, -4.0, 0.0, 3.0]);
        repeat_penalty(&mut c, &[0, 1, 2, 99], 2.0);
        assert_eq!(
            c.iter().map(|c| c.logit).collect::<Vec<_>>(),
            [2.0, -8.0, 0.0, 3.0]
        );
    }

    #[test]
    fn top_k_keeps_the_lower_ids_of_equal_logits() {
        for (k, kept) in [
            (1, vec![1]),
            (2, vec![1, 2]),
            (3, vec![1, 2, 4]),
            (0, vec![0, 1, 2, 3, 4]),
            (9, vec![0, 1, 2, 3, 4]),
        ] {
            let mut c = candidates(&[1.0, 5.0, 5.0, 0.0, 5.0]);
            top_k(&mut c, k);
            assert_eq!(ids(c), kept, "k = {k}");
        }
    }

    #[test]
    fn top_k_is_as_a_whole_sort() {
        // 37 is prime to 1000, so ten ids share each of 100 logits in a scattered order.
        let scattered: Vec<f32> = (0..1000).map(|i| ((i * 37) % 100) as f32).collect();
        let mut sorted = candidates(&scattered);
        sorted.sort_by(Candidate::by_likelihood);
        for k in [1, 2, 39, 40, 41, 499, 500, 501, 999] {
            let mut kept = candidates(&scattered);
            top_k(&mut kept, k);
            assert_eq!(ids(kept), ids(sorted[..k].to_vec()), "k = {k}");
        }
    }

    #[test]
    fn top_p_keeps_the_token_that_crosses_the_border() {
        for (p, kept) in [
            (0.05, vec![1]),
            (0.49, vec![1]),
            (0.51, vec![1, 3]),
            (0.81, vec![0, 1, 3]),
            (1.0, vec![0, 1, 2, 3]),
        ] {
            let mut c = from_weights(&[0.15, 0.5, 0.05, 0.3]);
            top_p(&mut c, p);
            assert_eq!(ids(c), kept, "p = {p}");
        }
    }

    #[test]
    fn top_p_over_a_flat_vocabulary_is_as_a_whole_sort() {
        let flat = candidates(&[0.25; 10_000]);
        for (p, n) in [(0.01, 100), (0.5, 5_000), (0.999, 9_990)] {
            let mut c = flat.clone();
            top_p(&mut c, p);
            // The f32 nearest to p may lie above it, so one more token may be needed.
            assert!((n..=n + 1).contains(&c.len()), "p = {p}: {}", c.len());
            let n = c.len() as u32;
            assert_eq!(ids(c), (0..n).collect::<Vec<_>>());
        }
    }

    #[test]
    fn min_p_is_relative_to_the_most_likely() {
        let mut c = from_weights(&[0.5, 0.26, 0.24, 0.05]);
        min_p(&mut c, 0.5);
        assert_eq!(ids(c), [0, 1]);
        let mut c = from_weights(&[0.5, 0.5, 0.4]);
        min_p(&mut c, 1.0);
        assert_eq!(ids(c), [0, 1], "the most likely one always stays");
    }

    #[test]
    fn draw_lays_candidates_in_order_of_id() {
        for (uniform, id) in [
            (0.0, 0),
            (0.249, 0),
            (0.251, 1),
            (0.749, 1),
            (0.751, 2),
            (0.999_999_9, 2),
        ] {
            let mut c = from_weights(&[0.25, 0.5, 0.25]);
            c.reverse();
            assert_eq!(draw(&mut c, 1.0, uniform), Some(id), "at {uniform}");
        }
    }

    #[test]
    fn draw_survives_extreme_temperatures_and_logits() {
        for temperature in [1e-45, 1e-30, 1.0, 1e30, f32::MAX] {
            let mut c = candidates(&[f32::MIN, f32::INFINITY, -1.0, f32::NAN, f32::NEG_INFINITY]);
            let id = draw(&mut c, temperature, 0.3);
            assert!(matches!(id, Some(0..=2)), "{temperature}: {id:?}");
        }
        assert_eq!(draw(&mut [], 1.0, 0.5), None);
    }
}
