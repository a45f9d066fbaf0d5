//! The forward pass recorded as lists of dispatches: for each way of reading activations, what becomes its plans.

use ggweb_gpu::ops::{ActivationType, Epilogue};
use ggweb_gpu::plan::Recording;
use ggweb_gpu::shader::Pipelines;
use ggweb_gpu::tuning::FEW_TOKENS;
use ggweb_gpu::{Recorder, turn};

use crate::error::Result;
use crate::forward::{Parts, Phase, forward, head};

/// Each way of reading activations; of a model that has no use for int8, f32 alone.
pub(crate) async fn record_ways(
    pipelines: &mut Pipelines,
    parts: &Parts<'_>,
    ways: &[ActivationType],
) -> Vec<(ActivationType, Recordings)> {
    let ways = match parts.weights.take_int8() {
        true => ways,
        false => &[ActivationType::F32],
    };
    let mut recordings = Vec::with_capacity(ways.len());
    for &activations in ways {
        let parts = Parts {
            activations,
            ..*parts
        };
        recordings.push((activations, record(pipelines, &parts).await));
    }
    recordings
}

/// Drops the ways whose kernels a driver refuses; the first one must be there, since only another can be done without.
pub(crate) fn keep_compiled(
    recordings: &mut Vec<(ActivationType, Recordings)>,
    pipelines: &Pipelines,
) -> Result<()> {
    let Some(((_, first), _)) = recordings.split_first() else {
        return Ok(());
    };
    first.check(pipelines)?;
    recordings.retain(|(_, recordings)| recordings.check(pipelines).is_ok());
    Ok(())
}

/// What becomes the plans of one way.
#[derive(Debug)]
pub(crate) struct Recordings {
    pub(crate) prefill: Recording,
    pub(crate) few: Option<Recording>,
    pub(crate) decode: Recording,
    pub(crate) head: Recording,
}

impl Recordings {
    fn check(&self, pipelines: &Pipelines) -> Result<()> {
        let some = [&self.prefill, &self.decode, &self.head].into_iter();
        for recording in some.chain(&self.few) {
            recording.check(pipelines)?;
        }
        Ok(())
    }
}

async fn record(pipelines: &mut Pipelines, parts: &Parts<'_>) -> Recordings {
    let caps = *pipelines.device().caps();
    let tuning = |n_token| caps.matmul(Epilogue::Store, n_token);
    let few = Parts {
        n_token: FEW_TOKENS,
        ..*parts
    };
    let mut recording = async |what: &dyn Fn(&mut Recorder<'_>)| {
        // Joining texts and creating modules takes a browser a while.
        turn().await;
        let mut rec = Recorder::new(pipelines);
        what(&mut rec);
        rec.finish()
    };
    Recordings {
        prefill: recording(&|rec| forward(rec, parts, Phase::Prefill)).await,
        few: match tuning(FEW_TOKENS) == tuning(parts.n_token) {
            true => None,
            false => Some(recording(&|rec| forward(rec, &few, Phase::Prefill)).await),
        },
        decode: recording(&|rec| forward(rec, parts, Phase::Decode)).await,
        head: recording(&|rec| head(rec, parts)).await,
    }
}
