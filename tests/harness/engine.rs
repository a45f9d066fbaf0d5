//! The engine's calls, in one place: a file becomes a model, ids become logits.

use ggweb_engine::{
    Abort, ActivationsChoice, Chunk, Device, DeviceOptions, KvType, LoadOptions, Loader, Model,
    Result,
};

/// How ids are fed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feed {
    /// Through the prefill kernels, in chunks of so many.
    Chunks(u32),
    /// One at a time, through the decode kernels.
    Decode,
}

/// Loads a file in chunks that end in the middle of everything.
///
/// # Errors
/// What the engine says.
pub fn load(file: &[u8], options: &DeviceOptions, kv: KvType) -> Result<Model> {
    let load = LoadOptions {
        cache_type_k: kv,
        cache_type_v: kv,
        ..exact()
    };
    load_with(file, options, load)
}

/// Options of a load that multiplies in f32: what goldens are compared with, and what gives the same bits.
#[must_use]
pub fn exact() -> LoadOptions {
    LoadOptions {
        activations: ActivationsChoice::F32,
        ..LoadOptions::default()
    }
}

/// Loads a file as [`load`] does, with any options.
///
/// # Errors
/// What the engine says.
pub fn load_with(file: &[u8], options: &DeviceOptions, load: LoadOptions) -> Result<Model> {
    pollster::block_on(async {
        let device = Device::open(options).await?;
        let mut loader = Loader::new(device, load, Some(file.len() as u64));
        for chunk in file.chunks(1_000_003) {
            loader.push(Chunk::from(chunk.to_vec())).await?;
        }
        loader.finish().await
    })
}

/// `[n_token, n_vocab]` for a sequence that starts at position 0.
///
/// # Panics
/// If the engine refuses.
#[must_use]
pub fn logits(model: &mut Model, ids: &[u32], feed: Feed) -> Vec<f32> {
    let mut all = Vec::with_capacity(ids.len() * model.info().n_vocab as usize);
    let abort = Abort::new();
    let mut keep = |_, row: &[f32]| all.extend_from_slice(row);
    let done = match feed {
        Feed::Chunks(n_token) => {
            model
                .set_prefill_chunk(n_token)
                .expect("the chunk is allowed");
            pollster::block_on(model.logits_all(ids, &abort, &mut keep))
        }
        Feed::Decode => pollster::block_on(model.logits_decode(ids, &abort, &mut keep)),
    };
    done.expect("the ids are run");
    all
}

/// Tier, parameter set and cache type of a loaded model.
#[must_use]
pub fn describe(model: &Model, kv: KvType) -> String {
    format!(
        "{}/{}, {kv:?} cache",
        model.info().tier,
        model.info().params
    )
}
