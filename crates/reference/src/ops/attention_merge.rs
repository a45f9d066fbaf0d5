/// Joins what attention over parts of the cache left:
/// `y[t, h] = sum_s(share_s * partial_s) / sum_s(share_s * weight_s)`, `share_s = exp(max_s - max_s'(max_s'))`.
///
/// # Shapes
/// `partial` `[n_token, n_head, splits, head_dim + 4]`, of which the first `n_split` of the `splits` parts
/// are filled: the weighted sum of values, then the greatest score, the sum of weights and two unused;
/// `y` `[n_token, n_head, head_dim]`.
///
/// # Source
/// Dao et al., "Flash-Decoding", 2023.
pub fn attention_merge(
    partial: &[f32],
    n_split: usize,
    splits: usize,
    head_dim: usize,
    y: &mut [f32],
) {
    for row in 0..y.len() / head_dim {
        let part = |s: usize| (row * splits + s) * (head_dim + 4);
        let mut max = partial[part(0) + head_dim];
        for s in 1..n_split {
            max = max.max(partial[part(s) + head_dim]);
        }
        for i in 0..head_dim {
            let mut sum = 0.0;
            let mut weight = 0.0;
            for s in 0..n_split {
                let share = (partial[part(s) + head_dim] - max).exp();
                sum += share * partial[part(s) + i];
                weight += share * partial[part(s) + head_dim + 1];
            }
            y[row * head_dim + i] = sum / weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_weigh_as_their_greatest_scores_say() {
        // The second part's scores are ln 3 above the first's; the third is not filled.
        let tail = [f32::NAN; 2];
        let partial = [
            [8.0, 0.0, 2.0, tail[0], tail[1]],
            [4.0, 3.0f32.ln(), 1.0, tail[0], tail[1]],
            [f32::NAN; 5],
        ];
        let mut y = [0.0];
        attention_merge(partial.as_flattened(), 2, 3, 1, &mut y);
        assert!(
            (y[0] - (8.0 / 3.0 + 4.0) / (2.0 / 3.0 + 1.0)).abs() < 1e-6,
            "{}",
            y[0]
        );
    }
}
