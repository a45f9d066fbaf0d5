//! `cargo run --release -p ggweb-benches --bin grow -- --from FILE --out FILE`: a llama of 135M parameters in the type
//! of a small file, for timing types that no other program writes. Its text means nothing.
//!
//! Every matrix is blocks of one matrix of the small file, repeated: real bits of the type, with finite scales. The
//! widths are multiples of 256, so that every type fits.

#![expect(clippy::print_stdout, reason = "it says what it wrote")]

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;

use clap::Parser;
use ggweb_gguf::{GgmlType, Parsed, Writer, parse};

/// Writes a llama of 135M parameters in the type of a small file's matrices.
#[derive(Debug, Parser)]
#[command(name = "grow", max_term_width = 100)]
struct Args {
    /// A GGUF file whose `blk.0.ffn_down.weight` is in the type.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// Where the model goes.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// The tensor whose blocks are taken.
const SOURCE: &str = "blk.0.ffn_down.weight";

const N_LAYER: u32 = 20;
const N_EMBD: u64 = 768;
const N_HEAD: u32 = 12;
const N_HEAD_KV: u32 = 4;
const N_FF: u64 = 2048;
const N_VOCAB: u64 = 32_000;

fn main() -> io::Result<()> {
    let args = Args::parse();
    let (ggml_type, blocks) = source(&args)?;
    let mut writer = Writer::new();
    writer
        .set("general.architecture", "llama")
        .set("llama.context_length", 2048_u32)
        .set("llama.embedding_length", N_EMBD as u32)
        .set("llama.block_count", N_LAYER)
        .set("llama.feed_forward_length", N_FF as u32)
        .set("llama.attention.head_count", N_HEAD)
        .set("llama.attention.head_count_kv", N_HEAD_KV)
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
    let mut out = BufWriter::new(File::create(&args.out)?);
    writer.write_to(&mut out)?;
    out.flush()?;
    println!("{}: 135M parameters in {ggml_type}", args.out.display());
    Ok(())
}

/// The type and the bytes of [`SOURCE`].
fn source(args: &Args) -> io::Result<(GgmlType, Vec<u8>)> {
    let bytes = std::fs::read(&args.from)?;
    let wrong = |why: String| io::Error::other(format!("{}: {why}", args.from.display()));
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
