/// The gated activation of the feed-forward block: `y[i] = silu(gate[i]) * up[i]`.
///
/// # Shapes
/// `gate`, `up` and `y` `[n_token, n_ff]`.
///
/// # Source
/// Shazeer, "GLU Variants Improve Transformer", 2020; ggml's `GGML_GLU_OP_SWIGLU`.
pub fn swiglu(gate: &[f32], up: &[f32], y: &mut [f32]) {
    for i in 0..y.len() {
        y[i] = silu(gate[i]) * up[i];
    }
}

/// `x * sigmoid(x)`.
#[must_use]
pub fn silu(x: f32) -> f32 {
    x / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silu_has_its_known_values() {
        assert_eq!(silu(0.0), 0.0);
        assert!((silu(1.0) - 0.731_058_6).abs() < 1e-6);
        // Where exp overflows the result is a zero, not a NaN.
        assert_eq!(silu(-200.0), 0.0);
        assert_eq!(silu(200.0), 200.0);
    }

    #[test]
    fn gate_is_activated_and_up_is_not() {
        let mut y = [0.0; 2];
        swiglu(&[1.0, 0.0], &[-2.0, 5.0], &mut y);
        assert_eq!(y, [-2.0 * silu(1.0), 0.0]);
    }
}
