//! A decode step creates nothing and submits once, counted where wgpu-core logs its own calls, below everything of ours.
//!
//! Alone in its file, because the counters are the process's.

use std::sync::Mutex;

use ggweb_engine::{Abort, GenerateOptions, KvType, Prompt, SamplerOptions};
use ggweb_tests::data::{report, shared_file};
use ggweb_tests::engine::{describe, load};
use ggweb_tests::gpu::every_option;

const N_STEP: usize = 64;

/// How wgpu-core begins the line that it logs for a call.
const CALLS: [&str; 4] = [
    "Device::create_buffer(",
    "Device::create_bind_group ->",
    "Device::create_compute_pipeline ->",
    "Queue::submit",
];

static COUNTS: Mutex<[usize; CALLS.len()]> = Mutex::new([0; CALLS.len()]);

struct Counter;

impl log::Log for Counter {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target().starts_with("wgpu_core")
    }

    fn log(&self, record: &log::Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let line = record.args().to_string();
        // The one line that is no call but its return.
        if line.starts_with("Queue::submit returned") {
            return;
        }
        let mut counts = COUNTS.lock().expect("no test panics while it counts");
        for (count, call) in counts.iter_mut().zip(CALLS) {
            *count += usize::from(line.starts_with(call));
        }
    }

    fn flush(&self) {}
}

fn counts() -> [usize; CALLS.len()] {
    *COUNTS.lock().expect("no test panics while it counts")
}

#[test]
fn decode_steps_create_nothing_and_submit_once() {
    log::set_logger(&Counter).expect("no other logger");
    log::set_max_level(log::LevelFilter::Trace);
    let file = shared_file("models/stories260K/stories260K-q8_0.gguf")
        .expect("the repository holds this model");
    for options in every_option("counters") {
        let mut model = load(&file, &options, KvType::F16).expect("the model loads");
        // Seven in a block: q k v, rotation and cache, attention in two, its output, gate and up, down. The embedding,
        // the last norm, the head and the choice stand there once.
        let (dispatches, n_layer) = (model.info().dispatches_per_token, model.info().n_layer);
        assert!(
            dispatches <= 7 * n_layer as usize + 4,
            "{dispatches} dispatches for {n_layer} blocks"
        );
        let [buffers, groups, pipelines, submits] = counts();
        assert!(
            buffers > 0 && groups > 0 && pipelines > 0 && submits > 0,
            "loading was not counted: wgpu-core logs its calls in other words"
        );
        // The greedy choice stays on the GPU; a sampler reads logits back.
        for temperature in [0.0, 0.8] {
            let sampler = SamplerOptions {
                temperature,
                ..SamplerOptions::default()
            };
            let n_predict = u32::try_from(N_STEP + 9).expect("small");
            let options = GenerateOptions {
                n_predict,
                ignore_eos: true,
                sampler,
            };
            let mut at_piece = Vec::new();
            let prompt = Prompt::Tokens(vec![1, 403, 407]);
            let mut count = |_: &str, _| at_piece.push(counts());
            pollster::block_on(model.generate(&prompt, &options, &Abort::new(), &mut count))
                .expect("the model generates");
            // Behind the first pieces, so that steps submitted ahead are even at both ends.
            let (begin, end) = (at_piece[4], at_piece[4 + N_STEP]);
            let made: Vec<usize> = end
                .iter()
                .zip(begin)
                .map(|(end, begin)| end - begin)
                .collect();
            let name = format!(
                "{}, temperature {temperature}",
                describe(&model, KvType::F16)
            );
            report(&format!(
                "counters, {name}: {made:?} calls in {N_STEP} steps"
            ));
            assert_eq!(
                made,
                [0, 0, 0, N_STEP],
                "{name}: calls of {CALLS:?} in {N_STEP} decode steps"
            );
        }
        model.dispose();
    }
}
