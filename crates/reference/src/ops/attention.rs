use crate::ops::KvLayout;

/// Causal attention with grouped heads over a paged cache:
/// `y[t, h] = sum_j(softmax_j(q[t, h] . k[j, h'] / sqrt(head_dim)) * v[j, h'])`
/// for `j` from 0 to the row's own position, `h' = h / (n_head / n_head_kv)`.
///
/// # Shapes
/// `q` and `y` `[n_token, n_head, head_dim]`, `pos` `[n_token]`; the pools as [`KvLayout`] says.
///
/// # Source
/// Vaswani et al., "Attention Is All You Need", 2017; Ainslie et al., "GQA", 2023.
pub fn attention(
    q: &[f32],
    k_pool: &[f32],
    v_pool: &[f32],
    pos: &[u32],
    block_table: &[u32],
    layout: &KvLayout,
    y: &mut [f32],
) {
    let head_dim = layout.head_dim;
    let n_head = q.len() / (pos.len() * head_dim);
    let scale = 1.0 / (head_dim as f32).sqrt();
    for (t, pos) in pos.iter().enumerate() {
        for h in 0..n_head {
            let row = (t * n_head + h) * head_dim;
            let h_kv = h / (n_head / layout.n_head_kv);
            let n_kv = *pos as usize + 1;

            let mut score = vec![0.0; n_kv];
            for j in 0..n_kv {
                let k = layout.row(block_table, j, h_kv);
                for i in 0..head_dim {
                    score[j] += q[row + i] * k_pool[k + i];
                }
                score[j] *= scale;
            }

            let max = score.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let mut sum = 0.0;
            for j in 0..n_kv {
                score[j] = (score[j] - max).exp();
                sum += score[j];
            }

            y[row..row + head_dim].fill(0.0);
            for j in 0..n_kv {
                let v = layout.row(block_table, j, h_kv);
                for i in 0..head_dim {
                    y[row + i] += score[j] / sum * v_pool[v + i];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYOUT: KvLayout = KvLayout {
        page_size: 2,
        n_head_kv: 1,
        head_dim: 1,
    };

    #[test]
    fn a_row_sees_itself_and_the_past_only() {
        let mut y = [0.0; 2];
        // Equal scores: the mean of the values seen. Logical page 0 is physical page 1.
        let v = [f32::NAN, f32::NAN, 2.0, 4.0];
        attention(&[0.0, 0.0], &[0.0; 4], &v, &[0, 1], &[1], &LAYOUT, &mut y);
        assert_eq!(y, [2.0, 3.0]);
    }

    #[test]
    fn scores_weigh_the_values_and_may_be_large() {
        let mut y = [0.0; 2];
        // Two query heads share one K/V head: the first prefers key 1, the second key 0.
        let q = [1e4, -1e4];
        attention(&q, &[0.0, 1.0], &[2.0, 4.0], &[1], &[0], &LAYOUT, &mut y);
        assert_eq!(y, [4.0, 2.0]);
    }

    #[test]
    fn heads_come_in_groups_and_scores_are_scaled() {
        let layout = KvLayout {
            page_size: 2,
            n_head_kv: 2,
            head_dim: 4,
        };
        let mut k = [0.0; 16];
        k[4] = 3.0f32.ln() * 2.0; // head 0, position 1, first width; the scale is 1/2
        let mut v = [0.0; 16];
        (v[0], v[4], v[8], v[12]) = (1.0, 5.0, 10.0, 20.0);
        let mut q = [0.0; 16];
        for h in 0..4 {
            q[h * 4] = 1.0;
        }
        let mut y = [0.0; 16];
        attention(&q, &k, &v, &[1], &[0], &layout, &mut y);
        for (h, want) in [4.0, 4.0, 15.0, 15.0].into_iter().enumerate() {
            assert!(
                (y[h * 4] - want).abs() < 1e-5,
                "head {h}: {} is not {want}",
                y[h * 4]
            );
        }
    }
}
