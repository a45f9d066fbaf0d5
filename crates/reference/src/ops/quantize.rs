/// Values in a block: one scale for each.
const BLOCK: usize = 32;

/// 32 activations as int8: value `i` is `q[i] * scale`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuantizedBlock {
    /// From -127 to 127.
    pub q: [i8; BLOCK],
    /// The largest value's size over 127.
    pub scale: f32,
    /// Sums of `q` over both halves.
    pub sums: [f32; 2],
}

/// Activations as int8 in blocks of 32: `q = round(x * 127 / max |x|)`, ties to even.
///
/// # Shapes
/// `x`: whole blocks; returns one [`QuantizedBlock`] for each.
///
/// # Panics
/// If `x` is no whole number of blocks.
///
/// # Source
/// ggml's `quantize_row_q8_0_ref`, which keeps the scale in f16 and rounds ties away from zero.
#[must_use]
pub fn quantize(x: &[f32]) -> Vec<QuantizedBlock> {
    assert!(x.len().is_multiple_of(BLOCK), "whole blocks of 32");
    x.chunks_exact(BLOCK)
        .map(|values| {
            let largest = values.iter().fold(0.0_f32, |max, v| max.max(v.abs()));
            // A block of zeros stays one.
            let inverse = if largest > 0.0 { 127.0 / largest } else { 0.0 };
            let mut q = [0; BLOCK];
            for (q, v) in q.iter_mut().zip(values) {
                *q = (v * inverse).round_ties_even() as i8;
            }
            let sum = |half: &[i8]| half.iter().map(|q| f32::from(*q)).sum();
            QuantizedBlock {
                q,
                scale: largest / 127.0,
                sums: [sum(&q[..BLOCK / 2]), sum(&q[BLOCK / 2..])],
            }
        })
        .collect()
}

/// What products with int8 activations see of `x`.
///
/// # Shapes
/// `x`: whole blocks; returns as many values.
///
/// # Panics
/// If `x` is no whole number of blocks.
#[must_use]
pub fn quantized(x: &[f32]) -> Vec<f32> {
    let blocks = quantize(x);
    let value = |block: &QuantizedBlock| block.q.map(|q| f32::from(q) * block.scale);
    blocks.iter().flat_map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_value_is_127() {
        let mut x = [0.0; BLOCK];
        (x[0], x[1], x[16], x[31]) = (-2.0, 1.0, 0.5, 2.0 / 127.0);
        let blocks = quantize(&x);
        let [block] = blocks.as_slice() else {
            panic!("32 values are one block");
        };
        assert_eq!(
            (block.q[0], block.q[1]),
            (-127, 64),
            "63.5 goes to the even one"
        );
        assert_eq!((block.q[16], block.q[31]), (32, 1));
        assert_eq!(block.scale, 2.0 / 127.0);
        assert_eq!(block.sums, [-63.0, 33.0]);
        assert_eq!(quantized(&x)[0], -2.0);
    }

    #[test]
    fn zeros_stay_zeros() {
        assert_eq!(quantized(&[0.0; 2 * BLOCK]), [0.0; 2 * BLOCK]);
    }
}
