//! `cargo run --release -p ggweb-benches --bin load -- --model FILE`: how fast a file's weights get to the GPU, beside a
//! plain read of the file.
//!
//! Each of the two begins with a file that is not in memory, on Linux: elsewhere the system may have kept it, and the
//! ratio is then to a copy in memory. The first load, which compiles, is not counted.

#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::error::Error;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Parser;
use ggweb_engine::{ActivationsChoice, Device, DeviceOptions, LoadOptions, Loader};
use ggweb_gpu::Clock;

/// Loads a model and reads its file plainly, in turn.
#[derive(Debug, Parser)]
#[command(name = "load", max_term_width = 100)]
struct Args {
    /// A GGUF file.
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// How often each is done.
    #[arg(long, default_value_t = 5)]
    pairs: usize,
}

/// What is read at a time, as by the command line's own loads.
const CHUNK_BYTES: usize = 4 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let mb = std::fs::metadata(&args.model)?.len() as f64 / 1e6;
    pollster::block_on(load(&args.model))?;
    let mut ratios = Vec::new();
    for _ in 0..args.pairs {
        let plain_ms = read(&args.model)?;
        let (weights_ms, load_ms) = pollster::block_on(load(&args.model))?;
        ratios.push(plain_ms / weights_ms);
        println!(
            "plain read {:.0} MB/s, weights {:.0} MB/s, all of the load {load_ms:.0} ms",
            1e3 * mb / plain_ms,
            1e3 * mb / weights_ms,
        );
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios.get(ratios.len() / 2).ok_or("no pairs")?;
    println!(
        "{:.0} MB: the weights get to the GPU at {median:.2} of the rate of a plain read, median of {}",
        mb,
        ratios.len(),
    );
    Ok(())
}

/// Reads the file, in chunks that are thrown away; milliseconds.
fn read(path: &Path) -> Result<f64, Box<dyn Error>> {
    let mut file = open(path)?;
    let mut chunk = vec![0; CHUNK_BYTES];
    let clock = Clock::start();
    while file.read(&mut chunk)? > 0 {}
    Ok(clock.elapsed_ms())
}

/// Loads the model; milliseconds for its weights and for all.
async fn load(path: &Path) -> Result<(f64, f64), Box<dyn Error>> {
    let device = Device::open(&DeviceOptions::default()).await?;
    let options = LoadOptions {
        activations: ActivationsChoice::F32,
        ..LoadOptions::default()
    };
    let mut file = open(path)?;
    let mut loader = Loader::new(device, options, Some(file.metadata()?.len()));
    loop {
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        if file
            .by_ref()
            .take(CHUNK_BYTES as u64)
            .read_to_end(&mut chunk)?
            == 0
        {
            break;
        }
        loader.push(chunk.into()).await?;
    }
    let model = loader.finish().await?;
    let times = (model.weights_ms(), model.load_ms());
    model.dispose();
    Ok(times)
}

/// The file, none of which is in memory where the system can be told so.
fn open(path: &Path) -> Result<File, Box<dyn Error>> {
    let file = File::open(path)?;
    #[cfg(target_os = "linux")]
    {
        // Only what is on the disk already can be dropped.
        file.sync_all()?;
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?;
    }
    Ok(file)
}
