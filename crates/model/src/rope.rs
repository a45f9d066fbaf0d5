//! The table of angles: (cos, sin) for every position and pair.
//!
//! WGSL promises sine and cosine only to 2^-11, so they are computed once on the CPU.

use std::ops::Range;

/// `[positions, n_rot / 2]` of (cos, sin) of `pos * freq_scale * freq_base^(-2 i / n_rot) / factors[i]`.
///
/// # Source
/// `ggml_rope_ext` with `rope_freqs` as `freq_factors`; linear scaling as `freq_scale`.
#[must_use]
pub fn table(
    positions: Range<u32>,
    n_rot: u32,
    freq_base: f32,
    freq_scale: f32,
    factors: Option<&[f32]>,
) -> Vec<[f32; 2]> {
    let n_pair = (n_rot / 2) as usize;
    let frequencies: Vec<f64> = (0..n_pair)
        .map(|i| {
            let plain = f64::from(freq_base).powf(-2.0 * i as f64 / f64::from(n_rot));
            let factor = factors
                .and_then(|factors| factors.get(i))
                .map_or(1.0, |factor| f64::from(*factor));
            plain / factor * f64::from(freq_scale)
        })
        .collect();
    let mut table = Vec::with_capacity(positions.len() * n_pair);
    for pos in positions {
        for frequency in &frequencies {
            let (sin, cos) = (f64::from(pos) * frequency).sin_cos();
            table.push([cos as f32, sin as f32]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn the_first_position_does_not_turn() {
        assert_eq!(
            table(0..1, 4, 10_000.0, 1.0, None),
            [[1.0, 0.0], [1.0, 0.0]],
            "angle 0 at position 0"
        );
    }

    #[test]
    fn factors_and_scaling_divide_the_frequency() {
        let plain = table(0..9, 2, 10_000.0, 1.0, None);
        let slow = table(0..9, 2, 10_000.0, 0.25, Some(&[2.0]));
        assert_eq!(
            slow[8], plain[1],
            "position 8 scaled by 1/8 turns as far as position 1"
        );
    }
}
