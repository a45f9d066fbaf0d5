//! `cargo run --release -p ggweb-benches --bin types -- FILE…`: how fast a model of 135M parameters is in each type, a
//! row of a table for each.
//!
//! A file gives a type and real blocks of it, as `grow` takes them. Each row is timed beside `Q4_0`, which goes before it,
//! so that a machine that slows down does not change how the two compare.

#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use std::error::Error;
use std::path::{Path, PathBuf};

use clap::Parser;
use cpu_time::ProcessTime;
use ggweb_benches::grow;
use ggweb_engine::{
    Abort, ActivationsChoice, BenchReport, Device, DeviceOptions, LoadOptions, Loader, Model,
};
use ggweb_gguf::GgmlType;

/// Times a model in each type, and says how its decode compares with that of `Q4_0`.
#[derive(Debug, Parser)]
#[command(name = "types", max_term_width = 100)]
struct Args {
    /// GGUF files whose `blk.0.ffn_down.weight` is in the type; one of them in `Q4_0`.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Tokens of the prompt.
    #[arg(short, default_value_t = 64)]
    p: u32,
    /// Tokens generated.
    #[arg(short, default_value_t = 8)]
    n: u32,
    /// Rounds, of which the median counts.
    #[arg(short, default_value_t = 3)]
    r: u32,
}

/// What is given to the loader at a time, as by the command line's own loads.
const CHUNK_BYTES: usize = 4 << 20;

/// Up to so many bits per weight a type is held to `Q4_0`.
const BITS_MAX: f64 = 8.5;

/// One way of reading activations.
#[derive(Debug, Clone, Copy)]
struct Speed {
    prefill: f64,
    decode: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let q4_0 = |file: &&PathBuf| file.to_string_lossy().ends_with("-Q4_0.gguf");
    let q4_0 = args.files.iter().find(q4_0);
    let q4_0 = q4_0.ok_or("expected a file whose name ends in -Q4_0.gguf, found none")?;
    let (_, mut base) = pollster::block_on(load(q4_0, ActivationsChoice::F32))?;
    let info = base.info();
    println!(
        "{}; {} tier, {} parameters; a prompt of {} tokens, {} generated, median of {}; tokens per CPU second.\n",
        info.adapter, info.tier, info.params, args.p, args.n, args.r
    );
    println!("| type | bits | decode | of Q4_0 | prefill | int8: decode | prefill |");
    println!("|---|---|---|---|---|---|---|");
    let mut least: Option<(f64, GgmlType)> = None;
    for file in &args.files {
        let reference = time(&mut base, &args)?;
        let (ggml_type, mut model) = pollster::block_on(load(file, ActivationsChoice::F32))?;
        let own = time(&mut model, &args)?;
        model.dispose();
        let int8 = match ggml_type {
            GgmlType::F32 | GgmlType::F16 | GgmlType::BF16 => None,
            _ => {
                let (_, mut model) = pollster::block_on(load(file, ActivationsChoice::Int8))?;
                let speed = time(&mut model, &args)?;
                model.dispose();
                Some(speed)
            }
        };
        let bits = 8.0 * ggml_type.block_bytes() as f64 / ggml_type.block_size() as f64;
        let share = own.decode / reference.decode;
        let [decode, prefill] = int8.map_or(["-".to_owned(), "-".to_owned()], |speed| {
            [speed.decode, speed.prefill].map(|rate| format!("{rate:.1}"))
        });
        println!(
            "| {ggml_type} | {bits:.2} | {:.1} | {share:.2} | {:.1} | {decode} | {prefill} |",
            own.decode, own.prefill
        );
        if bits <= BITS_MAX && least.is_none_or(|(before, _)| share < before) {
            least = Some((share, ggml_type));
        }
    }
    if let Some((share, ggml_type)) = least {
        println!(
            "\nOf the types up to {BITS_MAX} bits {ggml_type} is the slowest: {share:.2} of Q4_0."
        );
    }
    base.dispose();
    Ok(())
}

/// Tokens per CPU second of the process, all threads: those of a software adapter too.
fn time(model: &mut Model, args: &Args) -> Result<Speed, Box<dyn Error>> {
    let start = ProcessTime::now();
    let cpu_s = || start.elapsed().as_secs_f64();
    let sizes = (args.p, args.n, args.r);
    let report: BenchReport =
        pollster::block_on(model.bench(sizes, Some(&cpu_s), &Abort::default()))?;
    let median = |rate: Option<ggweb_engine::Rate>| {
        rate.map(|rate| rate.median)
            .ok_or("a native program knows its CPU time")
    };
    Ok(Speed {
        prefill: median(report.prefill_tok_cpu_s)?,
        decode: median(report.decode_tok_cpu_s)?,
    })
}

/// The model that `grow` makes of a file, and its type.
async fn load(
    file: &Path,
    activations: ActivationsChoice,
) -> Result<(GgmlType, Model), Box<dyn Error>> {
    let (ggml_type, grown) = grow(file)?;
    let bytes = grown.to_vec();
    let device = Device::open(&DeviceOptions::default()).await?;
    let options = LoadOptions {
        activations,
        ..LoadOptions::default()
    };
    let mut loader = Loader::new(device, options, Some(bytes.len() as u64));
    for chunk in bytes.chunks(CHUNK_BYTES) {
        loader.push(chunk.to_vec().into()).await?;
    }
    Ok((ggml_type, loader.finish().await?))
}
