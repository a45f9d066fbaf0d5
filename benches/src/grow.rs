//! Models for timing types that no other program writes: a llama of 135M parameters in the type of a small file.
//!
//! Every matrix is blocks of one matrix of the small file, repeated: real bits of the type, with finite scales. The
//! widths are multiples of 256, so that every type fits. Its text means nothing.

use std::path::Path;

use ggweb_gguf::{GgmlType, Parsed, Writer, parse};

use crate::error::{Error, Result};

/// The tensor whose blocks are taken.
const SOURCE: &str = "blk.0.ffn_down.weight";

const N_LAYER: u32 = 20;
const N_EMBD: u64 = 768;
const N_HEAD: u32 = 12;
const N_HEAD_KV: u32 = 4;
const N_FF: u64 = 2048;
const N_VOCAB: u64 = 32_000;

/// The model made from the blocks of a file, and the type they are in.
///
/// # Errors
/// [`Error::Source`] if the file cannot be read or has no matrix to take blocks from.
pub fn grow(from: &Path) -> Result<(GgmlType, Writer<'static>)> {
    let (ggml_type, blocks) = source(from)?;
    let mut writer = Writer::new();
    writer
        .set("general.architecture", "llama")
        .set("llama.context_length", 2048_u32)
        .set("llama.embedding_length", N_EMBD as u32)
        .set("llama.block_count", N_LAYER)
        .set("llama.feed_forward_length", N_FF as u32)
        .set("llama.attention.head_count", N_HEAD)
        .set("llama.attention.head_count_kv", N_HEAD_KV)
        // Of the norm, as llama models have it.
        .set("llama.attention.layer_norm_rms_epsilon", 1e-5_f32);
    let n_kv = N_EMBD / u64::from(N_HEAD) * u64::from(N_HEAD_KV);
    let mut matrix = |name: &str, n_out: u64, n_in: u64| {
        let n_bytes = ggml_type.n_bytes(n_out * n_in).unwrap_or_default() as usize;
        let bytes: Vec<u8> = blocks.iter().copied().cycle().take(n_bytes).collect();
        writer.tensor(name, ggml_type, &[n_out, n_in], bytes);
    };
    matrix("token_embd.weight", N_VOCAB, N_EMBD);
    for layer in 0..N_LAYER {
        let mut of_layer = |name: &str, n_out, n_in| {
            matrix(&format!("blk.{layer}.{name}.weight"), n_out, n_in);
        };
        of_layer("attn_q", N_EMBD, N_EMBD);
        of_layer("attn_k", n_kv, N_EMBD);
        of_layer("attn_v", n_kv, N_EMBD);
        of_layer("attn_output", N_EMBD, N_EMBD);
        of_layer("ffn_gate", N_FF, N_EMBD);
        of_layer("ffn_up", N_FF, N_EMBD);
        of_layer("ffn_down", N_EMBD, N_FF);
    }
    let ones = [1.0_f32; N_EMBD as usize].map(f32::to_le_bytes).concat();
    let mut norm = |name: &str| {
        writer.tensor(name, GgmlType::F32, &[N_EMBD], ones.clone());
    };
    for layer in 0..N_LAYER {
        norm(&format!("blk.{layer}.attn_norm.weight"));
        norm(&format!("blk.{layer}.ffn_norm.weight"));
    }
    norm("output_norm.weight");
    Ok((ggml_type, writer))
}

/// The type and the bytes of [`SOURCE`].
fn source(from: &Path) -> Result<(GgmlType, Vec<u8>)> {
    let wrong = |why: String| Error::Source {
        file: from.display().to_string(),
        why,
    };
    let bytes = std::fs::read(from).map_err(|error| wrong(error.to_string()))?;
    let header = match parse(&bytes, Some(bytes.len() as u64)) {
        Ok(Parsed::Header(header)) => header,
        Ok(Parsed::NeedMore { .. }) => return Err(wrong("the header is cut".to_owned())),
        Err(error) => return Err(wrong(error.to_string())),
    };
    let tensor = header
        .tensor(SOURCE)
        .ok_or_else(|| wrong(format!("expected a tensor {SOURCE}, found none")))?;
    let begin = tensor.offset as usize;
    let blocks = bytes[begin..begin + tensor.n_bytes as usize].to_vec();
    Ok((tensor.ggml_type, blocks))
}
