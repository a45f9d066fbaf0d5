use crate::ops::silu;

/// What happens to a product before it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Epilogue {
    /// `y = product`.
    Store,
    /// `y += product`: the residual stream.
    Add,
    /// `y = silu(gate) * up`: the rows of `w` are `n_out` rows of gate, then `n_out` rows of up.
    Swiglu,
    /// `y = silu(y) * product`: the up matrix, where the gate's product stands in `y` already.
    Gated,
}

/// Linear layer: `y[t, o] = epilogue(sum_i(w[o, i] * x[t, i]) + bias[o])`, with the sum in f64: what the order of f32
/// sums costs is the kernels' alone.
///
/// # Shapes
/// `w` `[n_out, n_in]`, `x` `[n_token, n_in]`, `bias` `[n_out]`, `y` `[n_token, n_out]`;
/// with [`Epilogue::Swiglu`] `w` `[2 * n_out, n_in]` and `bias` `[2 * n_out]`.
///
/// # Source
/// ggml's `GGML_OP_MUL_MAT`.
pub fn matmul(
    w: &[f32],
    x: &[f32],
    bias: Option<&[f32]>,
    n_in: usize,
    epilogue: Epilogue,
    y: &mut [f32],
) {
    let n_token = x.len() / n_in;
    let n_out = y.len() / n_token;
    for t in 0..n_token {
        let product = |o: usize| {
            let mut sum = 0.0;
            for i in 0..n_in {
                sum += f64::from(w[o * n_in + i]) * f64::from(x[t * n_in + i]);
            }
            sum as f32 + bias.map_or(0.0, |bias| bias[o])
        };
        for o in 0..n_out {
            match epilogue {
                Epilogue::Store => y[t * n_out + o] = product(o),
                Epilogue::Add => y[t * n_out + o] += product(o),
                Epilogue::Swiglu => y[t * n_out + o] = silu(product(o)) * product(n_out + o),
                Epilogue::Gated => y[t * n_out + o] = silu(y[t * n_out + o]) * product(o),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const W: [f32; 6] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    const X: [f32; 4] = [1.0, -1.0, 0.5, 2.0];

    #[test]
    fn rows_of_w_meet_rows_of_x() {
        let mut y = [0.0; 6];
        matmul(&W, &X, None, 2, Epilogue::Store, &mut y);
        assert_eq!(y, [-1.0, -1.0, -1.0, 4.5, 9.5, 14.5]);
    }

    #[test]
    fn bias_and_residual_are_added() {
        let mut y = [100.0; 6];
        matmul(&W, &X, Some(&[0.25, 0.5, 0.75]), 2, Epilogue::Add, &mut y);
        assert_eq!(y, [99.25, 99.5, 99.75, 104.75, 110.0, 115.25]);
    }

    #[test]
    fn swiglu_takes_gate_rows_first() {
        let mut y = [0.0; 1];
        matmul(
            &W[..4],
            &X[..2],
            Some(&[3.0, 0.0]),
            2,
            Epilogue::Swiglu,
            &mut y,
        );
        assert_eq!(y, [-silu(2.0)]);
    }

    #[test]
    fn gated_takes_the_gate_from_y() {
        let mut y = [2.0, 0.0, 1.0];
        matmul(
            &W,
            &X[..2],
            Some(&[0.0, 0.0, 3.0]),
            2,
            Epilogue::Gated,
            &mut y,
        );
        assert_eq!(y, [-silu(2.0), 0.0, 2.0 * silu(1.0)]);
    }
}
