/// RMSNorm over the last axis: `y[t, i] = x[t, i] * weight[i] / sqrt(mean_i(x[t, i]^2) + eps)`.
///
/// # Shapes
/// `x` and `y` `[n_token, n_embd]`, `weight` `[n_embd]`.
///
/// # Source
/// Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019; ggml's `GGML_OP_RMS_NORM`.
pub fn rms_norm(x: &[f32], weight: &[f32], n_embd: usize, eps: f32, y: &mut [f32]) {
    for t in 0..x.len() / n_embd {
        let mut sum_sq = 0.0;
        for i in 0..n_embd {
            sum_sq += x[t * n_embd + i] * x[t * n_embd + i];
        }
        let scale = 1.0 / (sum_sq / n_embd as f32 + eps).sqrt();
        for i in 0..n_embd {
            y[t * n_embd + i] = x[t * n_embd + i] * scale * weight[i];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_scaled_by_its_own_mean_square() {
        // Mean squares 12.5 and 0.5; with eps 3.5 the roots are exactly 4 and 2.
        let mut y = [0.0; 4];
        rms_norm(&[3.0, 4.0, 1.0, 0.0], &[1.0, 2.0], 2, 3.5, &mut y);
        assert_eq!(y, [0.75, 2.0, 0.5, 0.0]);
    }
}
