//! Opens the adapter and streams a model file to it, with a progress bar.

use std::io::Read;
use std::path::Path;

use ggweb_engine::{
    Abort, ActivationsChoice, Device, DeviceOptions, Error, Gate, LoadOptions, Loader, Model,
};
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

use crate::args::EngineArgs;
use crate::{Result, default_model, gates, model_file};

/// How much of the file is in memory at a time.
const CHUNK_BYTES: usize = 4 << 20;

/// Loads the model that the arguments name.
pub(crate) async fn load(args: &EngineArgs, abort: &Abort) -> Result<Model> {
    args.later.refuse()?;
    let activations = args.activations()?;
    let path = default_model::resolve(args.model.as_deref())?;
    let (file, file_len) = model_file::open(&path)?;
    let device = Device::open(&DeviceOptions {
        adapter: args.adapter.clone(),
        tier: args.tier,
        params: args.params,
        limits: args.limits,
        runtime_checks: args.runtime_checks,
    })
    .await?;
    let options = LoadOptions {
        n_ctx: args.n_ctx,
        cache_type_k: args.cache_type_k,
        cache_type_v: args.cache_type_v,
        activations,
        known_gates: gates::read(),
        abort: abort.clone(),
        ..Default::default()
    };
    let is_known = |gate: &Gate| {
        let mut known = options.known_gates.iter();
        known.any(|known| known.key == gate.key)
    };
    let loader = Loader::new(device, options.clone(), Some(file_len));
    let last = match activations {
        ActivationsChoice::Auto => "building the pipelines; a new model is tried in int8 once",
        _ => "building the pipelines",
    };
    let model = stream(file, file_len, loader, last)
        .await
        .map_err(|error| explain(&path, error))?;
    if let Some(gate) = model.gate().filter(|gate| !is_known(gate)) {
        gates::remember(gate);
    }
    Ok(model)
}

async fn stream(
    file: impl Read,
    file_len: u64,
    mut loader: Loader,
    last: &'static str,
) -> Result<Model> {
    let bar = progress_bar(file_len);
    let mut file = file;
    loop {
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        let mut next = file.by_ref().take(CHUNK_BYTES as u64);
        if next.read_to_end(&mut chunk)? == 0 {
            break;
        }
        loader.push(chunk.into()).await?;
        bar.set_position(loader.progress().loaded);
    }
    bar.set_message(last);
    let model = loader.finish().await?;
    bar.finish_using_style();
    Ok(model)
}

/// A bar on standard error, if that is a terminal.
fn progress_bar(file_len: u64) -> ProgressBar {
    const TEMPLATE: &str = "loading {bar:30} {bytes}/{total_bytes}, {bytes_per_sec} {msg}";
    let style =
        ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(file_len)
        .with_style(style)
        .with_finish(ProgressFinish::AndClear)
}

fn explain(path: &Path, error: Box<dyn std::error::Error>) -> Box<dyn std::error::Error> {
    // The person who stopped it knows the file.
    if let Some(Error::Aborted) = error.downcast_ref() {
        return error;
    }
    format!("{}: {error}", path.display()).into()
}
