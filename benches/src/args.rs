//! The command line, the same natively and in a page.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use ggweb_gguf::GgmlType;
use ggweb_gpu::{LimitsChoice, Tier};

use crate::shapes::{COLUMNS, MODELS};

/// Times each op alone: every type of weights, 1 to 512 columns, the matrices of four models.
///
/// A name is op/columns/model/matrix/type, as in `matvec/1/1B/gate_up/Q4_K`.
#[derive(Debug, Parser)]
#[command(name = "ggweb-benches", max_term_width = 100)]
pub(crate) struct Args {
    /// Only cells whose name holds each of these words.
    #[arg(value_name = "WORD")]
    pub(crate) words: Vec<String>,
    /// Only these types of weights.
    #[arg(long, value_name = "TYPE,…", value_delimiter = ',', value_parser = ggml_type)]
    pub(crate) types: Vec<GgmlType>,
    /// Only these numbers of columns: 1, 2, 8, 32, 128, 512.
    #[arg(long, value_name = "N,…", value_delimiter = ',', value_parser = columns)]
    pub(crate) columns: Vec<u32>,
    /// Only the shapes of these models: 135M, 0.5B, 1B, 4B.
    #[arg(long, value_name = "MODEL,…", value_delimiter = ',', value_parser = model)]
    pub(crate) models: Vec<String>,
    /// Part of the adapter's name.
    #[arg(long, value_name = "SUBSTRING")]
    pub(crate) adapter: Option<String>,
    /// Which options of the adapter the kernels use.
    #[arg(long, value_name = "base|f16|subgroups|auto", default_value = "auto")]
    pub(crate) tier: Tier,
    /// Which limits to ask for.
    #[arg(long, value_name = "web|adapter", default_value = "web")]
    pub(crate) limits: LimitsChoice,
    /// Which of the built-in parameter sets to time.
    #[arg(long, value_enum, default_value = "both")]
    pub(crate) params: BuiltIn,
    /// A parameter set of your own, beside the built-in ones: a base (`software` or `gpu`; the adapter's own without
    /// it), then ops with what differs, as in
    /// `--set "gpu matvec lanes_k=32 lanes_row=2 rows=8 matmul tile_n=2"`.
    #[arg(long = "set", value_name = "TEXT")]
    pub(crate) sets: Vec<String>,
    /// Wall seconds for all; the most telling cells come first, and what does not fit is named.
    #[arg(long, value_name = "SECONDS", default_value_t = 480.0)]
    pub(crate) budget: f64,
    /// Bytes of weights to cycle through, at most: more than the adapter's caches hold. 256 for GPUs and 64 for
    /// software adapters without it.
    #[arg(long, value_name = "MIB")]
    pub(crate) working_set: Option<u64>,
    /// Try a grid of parameters for each op, shape and type, and print the best as rows of `crates/gpu/src/tuning.rs`.
    #[arg(long)]
    pub(crate) tune: bool,
    /// Write the table as JSON too.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

/// The built-in parameter sets that are timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BuiltIn {
    /// The one that the adapter would get.
    Auto,
    /// For adapters on the CPU.
    Software,
    /// For GPUs.
    Gpu,
    /// One after the other; for `--tune`, the one that the adapter would get.
    Both,
    /// None: those of `--set` alone.
    None,
}

fn ggml_type(text: &str) -> Result<GgmlType, String> {
    GgmlType::of_weights()
        .find(|known| known.name().eq_ignore_ascii_case(text))
        .ok_or_else(|| {
            let names: Vec<&str> = GgmlType::of_weights().map(GgmlType::name).collect();
            format!(
                "no type of weights is called so: there are {}",
                names.join(", ")
            )
        })
}

fn columns(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|n| COLUMNS.contains(n));
    number.ok_or_else(|| format!("expected one of {COLUMNS:?}"))
}

fn model(text: &str) -> Result<String, String> {
    let known = MODELS.iter().map(|model| model.name);
    let mut fitting = known.clone().filter(|name| name.eq_ignore_ascii_case(text));
    fitting.next().map(str::to_owned).ok_or_else(|| {
        let names: Vec<&str> = known.collect();
        format!("no model here is called so: there are {}", names.join(", "))
    })
}
