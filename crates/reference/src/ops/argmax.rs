/// The id of the largest logit of each row; among equals the lowest id.
///
/// # Shapes
/// `x` `[n_token, n_vocab]`, `y` `[n_token]`.
pub fn argmax(x: &[f32], n_vocab: usize, y: &mut [u32]) {
    for t in 0..y.len() {
        let mut best = 0;
        for i in 1..n_vocab {
            if x[t * n_vocab + i] > x[t * n_vocab + best] {
                best = i;
            }
        }
        y[t] = best as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_id_wins_a_tie() {
        let mut y = [9; 3];
        argmax(&[0.0, 2.0, 2.0, -3.0, -1.0, -2.0, 1.0, 1.0, 1.0], 3, &mut y);
        assert_eq!(y, [1, 1, 0]);
    }
}
