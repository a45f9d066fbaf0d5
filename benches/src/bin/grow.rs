//! `cargo run --release -p ggweb-benches --bin grow -- --from FILE --out FILE`: a llama of 135M parameters in the type
//! of a small file.

#![expect(clippy::print_stdout, reason = "it says what it wrote")]

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;

use clap::Parser;
use ggweb_benches::grow;

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

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let (ggml_type, model) = grow(&args.from)?;
    let mut out = BufWriter::new(File::create(&args.out)?);
    model.write_to(&mut out)?;
    out.flush()?;
    println!("{}: 135M parameters in {ggml_type}", args.out.display());
    Ok(())
}
