//! One block at the widths of real models, against the twin: rows and counts of rows that the small test models do not
//! have. The files are made here.

use ggweb_engine::KvType;
use ggweb_gguf::{GgmlType, Writer};
use ggweb_reference::ops::KvStorage;
use ggweb_reference::{Model, forward};
use ggweb_tests::check::Bounds;
use ggweb_tests::compare::{kl, max_diff};
use ggweb_tests::data::{Count, report};
use ggweb_tests::engine::{Feed, describe, load, logits};
use ggweb_tests::gpu::every_option;
use ggweb_tests::noise;
use half::f16;

/// The numbers that make a block's matrices.
struct Widths {
    like: &'static str,
    n_embd: u32,
    n_ff: u32,
    n_head: u32,
    n_head_kv: u32,
    head_dim: u32,
    /// Whether the file has factors for its angles.
    rope_freqs: bool,
}

const MODELS: [Widths; 3] = [
    Widths {
        like: "Qwen3-0.6B",
        n_embd: 1024,
        n_ff: 3072,
        n_head: 16,
        n_head_kv: 8,
        head_dim: 128,
        rope_freqs: false,
    },
    Widths {
        like: "Llama-3.2-1B",
        n_embd: 2048,
        n_ff: 8192,
        n_head: 32,
        n_head_kv: 8,
        head_dim: 64,
        rope_freqs: true,
    },
    Widths {
        like: "Gemma-3-1B",
        n_embd: 1152,
        n_ff: 6912,
        n_head: 4,
        n_head_kv: 1,
        head_dim: 256,
        rope_freqs: false,
    },
];

/// Real ones only lengthen the head, which llama-bigvocab has.
const N_VOCAB: u32 = 96;
const IDS: [u32; 7] = [5, 90, 0, 33, 33, 71, 12];

#[test]
fn a_block_at_the_widths_of_real_models_agrees_with_the_twin() {
    let mut count = Count::new("widths");
    for widths in &MODELS {
        let file = file(widths);
        let twin = Model::from_gguf(&file).expect(widths.like);
        let want = forward(&twin, &IDS, KvStorage::F32).logits;
        for options in every_option("widths") {
            let mut model = load(&file, &options, KvType::F32).expect(widths.like);
            let has_f16 = model.info().tier.contains("f16");
            let bounds = if has_f16 { Bounds::F16 } else { Bounds::ARCH };
            for feed in [Feed::Chunks(128), Feed::Decode] {
                let got = logits(&mut model, &IDS, feed);
                let diff = max_diff(&got, &want);
                let rows = got.chunks_exact(N_VOCAB as usize);
                let worst = rows
                    .zip(want.chunks_exact(N_VOCAB as usize))
                    .map(|(got, want)| kl(got, want).abs())
                    .fold(0.0, f64::max);
                let place = format!(
                    "{}, {}, {feed:?}: logit {diff:.1e}, KL {worst:.1e}",
                    widths.like,
                    describe(&model, KvType::F32)
                );
                assert!(diff <= bounds.logit && worst <= bounds.kl, "{place}");
                report(&place);
                count.ran();
            }
            model.dispose();
        }
    }
}

/// A model of one block with weights that keep the residual stream near 1: attention in `Q8_0`, the rest in `Q4_0`.
fn file(widths: &Widths) -> Vec<u8> {
    let &Widths { n_embd, n_ff, .. } = widths;
    let n_attn = widths.n_head * widths.head_dim;
    let n_kv = widths.n_head_kv * widths.head_dim;
    let mut writer = Writer::new();
    writer
        .set("general.architecture", "llama")
        .set("llama.context_length", 64_u32)
        .set("llama.embedding_length", n_embd)
        .set("llama.block_count", 1_u32)
        .set("llama.feed_forward_length", n_ff)
        .set("llama.attention.head_count", widths.n_head)
        .set("llama.attention.head_count_kv", widths.n_head_kv)
        .set("llama.attention.key_length", widths.head_dim)
        .set("llama.attention.value_length", widths.head_dim)
        .set("llama.rope.dimension_count", widths.head_dim)
        .set("llama.attention.layer_norm_rms_epsilon", 1e-5_f32);
    let matrices = [
        ("token_embd", GgmlType::Q8_0, N_VOCAB, n_embd),
        ("blk.0.attn_q", GgmlType::Q8_0, n_attn, n_embd),
        ("blk.0.attn_k", GgmlType::Q8_0, n_kv, n_embd),
        ("blk.0.attn_v", GgmlType::Q8_0, n_kv, n_embd),
        ("blk.0.attn_output", GgmlType::Q8_0, n_embd, n_attn),
        ("blk.0.ffn_gate", GgmlType::Q4_0, n_ff, n_embd),
        ("blk.0.ffn_up", GgmlType::Q4_0, n_ff, n_embd),
        ("blk.0.ffn_down", GgmlType::Q4_0, n_embd, n_ff),
    ];
    for (seed, (name, ggml_type, n_out, n_in)) in (20..).zip(matrices) {
        let bytes = blocks(seed, ggml_type, n_out, n_in);
        let shape = [u64::from(n_out), u64::from(n_in)];
        writer.tensor(&format!("{name}.weight"), ggml_type, &shape, bytes);
    }
    for (seed, name) in (30..).zip(["blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"]) {
        let near_1 = noise::f32s(seed, n_embd as usize)
            .into_iter()
            .flat_map(|x| (1.0 + 0.2 * x).to_le_bytes())
            .collect::<Vec<u8>>();
        let shape = [u64::from(n_embd)];
        writer.tensor(&format!("{name}.weight"), GgmlType::F32, &shape, near_1);
    }
    if widths.rope_freqs {
        let n_factor = widths.head_dim / 2;
        let factors = (0..n_factor).flat_map(|i| (1.0 + i as f32 / 4.0).to_le_bytes());
        let factors = factors.collect::<Vec<u8>>();
        writer.tensor(
            "rope_freqs.weight",
            GgmlType::F32,
            &[u64::from(n_factor)],
            factors,
        );
    }
    writer.to_vec()
}

/// Random blocks of `Q8_0` or `Q4_0` whose weights have the variance 1 / `n_in`, all but a factor near 1.
fn blocks(seed: u32, ggml_type: GgmlType, n_out: u32, n_in: u32) -> Vec<u8> {
    let (n_quant_byte, largest) = match ggml_type {
        GgmlType::Q8_0 => (32, 127.0),
        _ => (16, 8.0),
    };
    let scale = f16::from_f32((3.0 / n_in as f32).sqrt() / largest).to_le_bytes();
    let n_block = n_out as usize * n_in as usize / 32;
    let mut bits = noise::words(seed);
    let mut bytes = Vec::with_capacity(n_block * (n_quant_byte + 2));
    for _ in 0..n_block {
        bytes.extend(scale);
        let words = bits.by_ref().take(n_quant_byte / 4);
        bytes.extend(words.flat_map(u32::to_le_bytes));
    }
    bytes
}
