//! `ggweb inspect`: what a file holds.

use std::fmt::Write;

use ggweb_gguf::{Header, TensorInfo, Value};
use serde_json::{Map, Value as Json, json};

use crate::args::InspectArgs;
use crate::hparams::{Memory, hparams};
use crate::{Result, json as to_json, model_file, output};

/// How many characters of a value are shown without `--json`.
const SHOWN_MAX: usize = 80;

pub(crate) fn inspect(args: &InspectArgs) -> Result<()> {
    let header = model_file::read_header(&args.file)?;
    match args.json {
        true => output::line(json(&header, args.n_ctx).to_string()),
        false => output::text(text(&header, args.n_ctx)?),
    }
}

fn json(header: &Header, n_ctx: Option<u32>) -> Json {
    let metadata: Map<String, Json> = header
        .metadata
        .iter()
        .map(|(key, value)| (key.to_owned(), to_json::value(value)))
        .collect();
    let tensors: Vec<Json> = header.tensors.iter().map(tensor_json).collect();
    json!({
        "version": header.version,
        "alignment": header.alignment,
        "data_offset": header.data_offset,
        "metadata": metadata,
        "tensors": tensors,
        "hparams": hparams(header),
        "memory": Memory::new(header, n_ctx).to_json(),
    })
}

fn tensor_json(tensor: &TensorInfo) -> Json {
    json!({
        "name": tensor.name,
        "type": tensor.ggml_type.name(),
        "shape": tensor.shape,
        "offset": tensor.offset,
        "bytes": tensor.n_bytes,
    })
}

fn text(header: &Header, n_ctx: Option<u32>) -> Result<String> {
    let mut out = String::new();
    writeln!(
        out,
        "GGUF version {}, alignment {}, data at {}",
        header.version, header.alignment, header.data_offset
    )?;

    writeln!(out, "\nmetadata ({})", header.metadata.len())?;
    for (key, value) in header.metadata.iter() {
        writeln!(out, "  {key} = {} ({})", shown(value), type_name(value))?;
    }

    writeln!(out, "\ntensors ({})", header.tensors.len())?;
    let name_width = header
        .tensors
        .iter()
        .map(|tensor| tensor.name.len())
        .max()
        .unwrap_or(0);
    for TensorInfo {
        name,
        ggml_type,
        shape,
        offset,
        n_bytes,
    } in &header.tensors
    {
        let (ggml_type, shape) = (ggml_type.name(), format!("{shape:?}"));
        writeln!(
            out,
            "  {name:name_width$}  {ggml_type:7}  {shape:16}  {n_bytes} bytes at {offset}"
        )?;
    }

    writeln!(out, "\nhyperparameters")?;
    for (name, value) in hparams(header) {
        writeln!(
            out,
            "  {name} = {}",
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        )?;
    }

    let memory = Memory::new(header, n_ctx);
    writeln!(out, "\nmemory at n_ctx = {}", memory.n_ctx)?;
    writeln!(out, "  weights = {}", mib(memory.weights_bytes))?;
    match memory.kv_bytes {
        Some(kv_bytes) => writeln!(out, "  kv (f16) = {}", mib(kv_bytes))?,
        None => writeln!(out, "  kv: the file does not say enough")?,
    }
    match memory.activation_bytes {
        Some(bytes) => writeln!(out, "  activations, at most = {}", mib(bytes))?,
        None => writeln!(out, "  activations: this version cannot run the file")?,
    }
    if let Some(bytes) = memory.total_bytes() {
        writeln!(out, "  total = {}", mib(bytes))?;
    }
    Ok(out)
}

fn type_name(value: &Value) -> String {
    match value {
        Value::Array(array) => format!("{}, {}", array.type_name(), array.len()),
        value => value.type_name().to_owned(),
    }
}

/// The start of a value, on one line.
fn shown(value: &Value) -> String {
    let text = to_json::value(value).to_string();
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn mib(n_bytes: u64) -> String {
    format!("{:.1} MiB", n_bytes as f64 / f64::from(1 << 20))
}
