/// What sets the angles of the rotary embedding.
#[derive(Debug, Clone, Copy)]
pub struct RopeAngles<'a> {
    /// Widths that rotate, at the front of a head; even.
    pub n_rot: usize,
    /// The base of the geometric row of frequencies.
    pub freq_base: f32,
    /// Multiplies each frequency: `1 / factor` of linear scaling, else 1.
    pub freq_scale: f32,
    /// `rope_freqs.weight` `[n_rot / 2]`: *divides* each frequency.
    pub freq_factors: Option<&'a [f32]>,
}

/// Cosines and sines of positions `0..n_ctx`:
/// `(cos, sin)(pos * freq_base^(-2 i / n_rot) * freq_scale / freq_factors[i])`.
///
/// # Shapes
/// Returns `[n_ctx, n_rot / 2, 2]`, the last axis being cosine and sine.
///
/// # Source
/// Su et al., "Enhanced Transformer with Rotary Position Embedding", 2021; ggml's `ggml_rope_cache_init` without its `ext_factor` part.
#[must_use]
pub fn rope_table(angles: &RopeAngles<'_>, n_ctx: usize) -> Vec<f32> {
    let mut table = Vec::with_capacity(n_ctx * angles.n_rot);
    for pos in 0..n_ctx {
        for i in 0..angles.n_rot / 2 {
            let factor = angles.freq_factors.map_or(1.0, |factors| factors[i]);
            let exponent = -2.0 * i as f32 / angles.n_rot as f32;
            let freq = angles.freq_base.powf(exponent) * angles.freq_scale / factor;
            let angle = pos as f32 * freq;
            table.push(angle.cos());
            table.push(angle.sin());
        }
    }
    table
}

/// Rotates neighbouring pairs `(x[2i], x[2i + 1])` of each head by the angle of the row's position,
/// in place; what lies behind `n_rot` stays.
///
/// # Shapes
/// `table` `[n_ctx, n_rot / 2, 2]`, `pos` `[n_token]`, `x` `[n_token, n_head, head_dim]`.
///
/// # Source
/// ggml's `GGML_OP_ROPE` in mode `GGML_ROPE_TYPE_NORMAL`.
pub fn rope(
    table: &[f32],
    pos: &[u32],
    n_head: usize,
    head_dim: usize,
    n_rot: usize,
    x: &mut [f32],
) {
    for (t, pos) in pos.iter().enumerate() {
        for h in 0..n_head {
            let head = (t * n_head + h) * head_dim;
            for i in 0..n_rot / 2 {
                let entry = *pos as usize * n_rot + 2 * i;
                let (cos, sin) = (table[entry], table[entry + 1]);
                let (a, b) = (x[head + 2 * i], x[head + 2 * i + 1]);
                x[head + 2 * i] = a * cos - b * sin;
                x[head + 2 * i + 1] = a * sin + b * cos;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: RopeAngles<'static> = RopeAngles {
        n_rot: 4,
        freq_base: 100.0,
        freq_scale: 1.0,
        freq_factors: None,
    };

    fn angles_of(table: &[f32]) -> Vec<f32> {
        table.chunks(2).map(|pair| pair[1].atan2(pair[0])).collect()
    }

    fn assert_near(got: &[f32], want: &[f32]) {
        for (got, want) in got.iter().zip(want) {
            assert!((got - want).abs() < 1e-6, "{got} is not {want}");
        }
        assert_eq!(got.len(), want.len());
    }

    #[test]
    fn the_table_holds_the_angles_of_each_position() {
        assert_near(
            &angles_of(&rope_table(&PLAIN, 3)),
            &[0.0, 0.0, 1.0, 0.1, 2.0, 0.2],
        );
    }

    #[test]
    fn scale_multiplies_and_factors_divide() {
        let scaled = RopeAngles {
            freq_scale: 0.25,
            freq_factors: Some(&[1.0, 8.0]),
            ..PLAIN
        };
        assert_near(
            &angles_of(&rope_table(&scaled, 2)),
            &[0.0, 0.0, 0.25, 0.003_125],
        );
    }

    #[test]
    fn neighbours_rotate_and_the_rest_of_the_head_stays() {
        let table = rope_table(&RopeAngles { n_rot: 2, ..PLAIN }, 2);
        let mut x = [1.0, 0.0, 7.0, 8.0, 0.0, 2.0, 9.0, 10.0];
        rope(&table, &[1], 2, 4, 2, &mut x);
        let (sin, cos) = 1.0f32.sin_cos();
        assert_near(&x, &[cos, sin, 7.0, 8.0, -2.0 * sin, 2.0 * cos, 9.0, 10.0]);
    }
}
