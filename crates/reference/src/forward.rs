use crate::ops::{
    Epilogue, KvLayout, KvStorage, RopeAngles, attention, get_rows, kv_write, matmul, rms_norm,
    rope, rope_table,
};
use crate::weights::Model;

/// What a forward pass gives.
#[derive(Debug)]
pub struct Forward {
    /// `[n_token, n_vocab]`.
    pub logits: Vec<f32>,
    /// The residual stream `[n_layer + 1, n_token, n_embd]`: after the embedding, then after each layer.
    pub residuals: Vec<f32>,
}

/// The whole `llama` model over a sequence that starts at position 0.
///
/// # Panics
/// If `ids` is empty or holds an id that is not below `n_vocab`.
///
/// # Source
/// Touvron et al., "Open and Efficient Foundation Language Models", 2023; llama.cpp's `llm_build_llama`.
#[must_use]
#[expect(
    clippy::too_many_lines,
    reason = "flat: one op after the other, as the data flows"
)]
pub fn forward(model: &Model, ids: &[u32], storage: KvStorage) -> Forward {
    let h = &model.hparams;
    let n_token = ids.len();
    assert!(n_token > 0, "a forward pass needs at least one token");
    let pos: Vec<u32> = (0..n_token as u32).collect();
    let angles = RopeAngles {
        n_rot: h.n_rot,
        freq_base: h.rope_freq_base,
        freq_scale: h.rope_freq_scale,
        freq_factors: model.rope_freqs.as_deref(),
    };
    let table = rope_table(&angles, n_token);

    // The sequence is one page: where rows lie in the cache is no part of the arithmetic.
    let layout = KvLayout {
        page_size: n_token,
        n_head_kv: h.n_head_kv,
        head_dim: h.head_dim,
    };
    let block_table = [0];

    let mut x = vec![0.0; n_token * h.n_embd]; // the residual stream
    let mut x_norm = vec![0.0; n_token * h.n_embd];
    let mut q = vec![0.0; n_token * h.n_head * h.head_dim];
    let mut k = vec![0.0; n_token * h.n_head_kv * h.head_dim];
    let mut v = vec![0.0; n_token * h.n_head_kv * h.head_dim];
    let mut k_pool = vec![0.0; k.len()];
    let mut v_pool = vec![0.0; v.len()];
    let mut attn = vec![0.0; n_token * h.n_head * h.head_dim];
    let mut ffn = vec![0.0; n_token * h.n_ff];
    let mut logits = vec![0.0; n_token * model.n_vocab];
    let mut residuals = Vec::with_capacity((h.n_layer + 1) * x.len());

    get_rows(ids, &model.token_embd, h.n_embd, &mut x);
    residuals.extend(&x);

    for layer in &model.layers {
        let bias = Option::as_deref;
        let head_dim = h.head_dim;

        // Attention.
        rms_norm(&x, &layer.attn_norm, h.n_embd, h.norm_rms_eps, &mut x_norm);
        matmul(
            &layer.attn_q,
            &x_norm,
            bias(&layer.attn_q_bias),
            h.n_embd,
            Epilogue::Store,
            &mut q,
        );
        matmul(
            &layer.attn_k,
            &x_norm,
            bias(&layer.attn_k_bias),
            h.n_embd,
            Epilogue::Store,
            &mut k,
        );
        matmul(
            &layer.attn_v,
            &x_norm,
            bias(&layer.attn_v_bias),
            h.n_embd,
            Epilogue::Store,
            &mut v,
        );
        rope(&table, &pos, h.n_head, head_dim, h.n_rot, &mut q);
        rope(&table, &pos, h.n_head_kv, head_dim, h.n_rot, &mut k);
        kv_write(&k, &pos, &block_table, &layout, storage, &mut k_pool);
        kv_write(&v, &pos, &block_table, &layout, storage, &mut v_pool);
        attention(&q, &k_pool, &v_pool, &pos, &block_table, &layout, &mut attn);
        let n_q = h.n_head * head_dim;
        matmul(
            &layer.attn_output,
            &attn,
            bias(&layer.attn_output_bias),
            n_q,
            Epilogue::Add,
            &mut x,
        );

        // Feed-forward.
        rms_norm(&x, &layer.ffn_norm, h.n_embd, h.norm_rms_eps, &mut x_norm);
        matmul(
            &layer.ffn_gate_up,
            &x_norm,
            None,
            h.n_embd,
            Epilogue::Swiglu,
            &mut ffn,
        );
        matmul(&layer.ffn_down, &ffn, None, h.n_ff, Epilogue::Add, &mut x);
        residuals.extend(&x);
    }

    rms_norm(
        &x,
        &model.output_norm,
        h.n_embd,
        h.norm_rms_eps,
        &mut x_norm,
    );
    let output = model.output.as_ref().unwrap_or(&model.token_embd);
    matmul(
        output,
        &x_norm,
        None,
        h.n_embd,
        Epilogue::Store,
        &mut logits,
    );
    Forward { logits, residuals }
}
