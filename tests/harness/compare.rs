//! Distances between logits. Sums are in f64, so that the yardstick is finer than what it measures.

/// The largest absolute difference.
///
/// # Panics
/// If the lengths differ.
#[must_use]
pub fn max_diff(got: &[f32], want: &[f32]) -> f64 {
    assert_eq!(
        got.len(),
        want.len(),
        "logits of another length than the golden's"
    );
    // A NaN is as far away as can be; `f64::max` would drop it.
    let diff = |(a, b): (&f32, &f32)| {
        let diff = (f64::from(*a) - f64::from(*b)).abs();
        if diff.is_nan() { f64::INFINITY } else { diff }
    };
    got.iter().zip(want).map(diff).fold(0.0, f64::max)
}

/// Log-probabilities of one row of logits.
#[must_use]
pub fn log_softmax(logits: &[f32]) -> Vec<f64> {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits.iter().map(|&x| f64::from(x - max).exp()).sum();
    logits
        .iter()
        .map(|&x| f64::from(x - max) - sum.ln())
        .collect()
}

/// Kullback-Leibler divergence of `got` from `want`, both whole rows of logits.
#[must_use]
pub fn kl(got: &[f32], want: &[f32]) -> f64 {
    let (got, want) = (log_softmax(got), log_softmax(want));
    want.iter().zip(&got).map(|(p, q)| p.exp() * (p - q)).sum()
}

/// The same where only some of the expected log-probabilities are known: everything else is one bucket.
#[must_use]
pub fn kl_top(got: &[f32], want: &[(u32, f64)]) -> f64 {
    let got = log_softmax(got);
    let (mut kl, mut rest_got, mut rest_want) = (0.0, 1.0, 1.0);
    for &(id, p) in want {
        let q = got[id as usize];
        kl += p.exp() * (p - q);
        rest_got -= q.exp();
        rest_want -= p.exp();
    }
    // Below this the rest is what rounding left of the sum.
    if rest_want > 1e-9 && rest_got > 0.0 {
        kl += rest_want * (rest_want / rest_got).ln();
    }
    kl
}

/// The id of the largest logit; the lowest among equals.
///
/// # Panics
/// If there are more than 2^32 logits.
#[must_use]
pub fn argmax(logits: &[f32]) -> u32 {
    let mut best = 0;
    for (i, x) in logits.iter().enumerate() {
        if *x > logits[best] {
            best = i;
        }
    }
    u32::try_from(best).expect("an id is 32 bits wide")
}

/// Normalised mean squared error, as ggml's `test-backend-ops`: `sum((got - want)^2) / sum(want^2)`.
///
/// # Panics
/// If the lengths differ.
#[must_use]
pub fn nmse(got: &[f32], want: &[f32]) -> f64 {
    assert_eq!(
        got.len(),
        want.len(),
        "the result has another length than the twin's"
    );
    let (mut error, mut power) = (0.0, 0.0);
    for (a, b) in got.iter().zip(want) {
        error += (f64::from(*a) - f64::from(*b)).powi(2);
        power += f64::from(*b).powi(2);
    }
    if error == 0.0 { 0.0 } else { error / power }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_logits_have_no_distance_and_others_do() {
        let a = [1.0, 2.0, 3.0];
        assert_eq!(max_diff(&a, &a), 0.0);
        assert_eq!(kl(&a, &a), 0.0);
        assert_eq!(max_diff(&a, &[1.0, 2.5, 3.25]), 0.5);
        assert!(max_diff(&[f32::NAN], &[0.0]).is_infinite());
        assert!(nmse(&[f32::NAN], &[1.0]).is_nan());
    }

    #[test]
    fn kl_knows_a_hand_computed_value() {
        // p = (1/4, 3/4), q = (1/2, 1/2): 1/4 ln 1/2 + 3/4 ln 3/2.
        let want = 0.25 * 0.5f64.ln() + 0.75 * 1.5f64.ln();
        assert!((kl(&[0.0, 0.0], &[0.0, 3.0f32.ln()]) - want).abs() < 1e-7);
    }

    #[test]
    fn the_rest_is_one_bucket() {
        // q = (1/2, 1/4, 1/4), p = (3/4, and 1/4 for the rest).
        let got = [2.0f32.ln(), 0.0, 0.0];
        let want = 0.75 * 1.5f64.ln() + 0.25 * 0.5f64.ln();
        assert!((kl_top(&got, &[(0, 0.75f64.ln())]) - want).abs() < 1e-7);
    }
}
