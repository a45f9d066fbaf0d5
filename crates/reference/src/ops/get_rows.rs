/// Picks rows of a table, one for each id: `y[t, i] = table[ids[t], i]`.
///
/// # Shapes
/// `ids` `[n_token]`, `table` `[n_row, n_embd]`, `y` `[n_token, n_embd]`.
///
/// # Panics
/// If an id is not below `n_row`.
///
/// # Source
/// ggml's `GGML_OP_GET_ROWS`.
pub fn get_rows(ids: &[u32], table: &[f32], n_embd: usize, y: &mut [f32]) {
    for (t, id) in ids.iter().enumerate() {
        for i in 0..n_embd {
            y[t * n_embd + i] = table[*id as usize * n_embd + i];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_in_the_order_of_the_ids() {
        let table = [0.0, 1.0, 10.0, 11.0, 20.0, 21.0];
        let mut y = [0.0; 6];
        get_rows(&[2, 0, 2], &table, 2, &mut y);
        assert_eq!(y, [20.0, 21.0, 0.0, 1.0, 20.0, 21.0]);
    }
}
