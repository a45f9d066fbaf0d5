//! A stop returns within a second at any moment: while a model loads and compiles, in prefill and in decode.

#![expect(
    clippy::disallowed_methods,
    reason = "a native test, and the clock of the gpu crate gives no durations"
)]

use std::thread;
use std::time::{Duration, Instant};

use ggweb_engine::{
    Abort, Device, DeviceOptions, Error, GenerateOptions, KvType, LoadOptions, ParamsChoice,
    Prompt, SamplerOptions, StopReason,
};
use ggweb_tests::data::{repo, report};
use ggweb_tests::engine::{load, load_with};
use ggweb_tests::gpu::every_option;

const ALLOWED: Duration = Duration::from_secs(1);

fn stories() -> Vec<u8> {
    std::fs::read(repo().join("models/stories15M-q4_0.gguf"))
        .expect("the repository holds this model")
}

/// Raises `abort` after `delay` in another thread; gives the moment.
fn stop_after(delay: Duration, abort: &Abort) -> thread::JoinHandle<Instant> {
    let abort = abort.clone();
    thread::spawn(move || {
        thread::sleep(delay);
        let at = Instant::now();
        abort.abort();
        at
    })
}

fn took(stop: thread::JoinHandle<Instant>) -> Duration {
    let end = Instant::now();
    end.duration_since(stop.join().expect("the other thread only sleeps"))
}

#[test]
fn a_load_stops_within_a_second() {
    let file = stories();
    for options in every_option("stop a load") {
        let name = format!("{}/{}", options.tier, options.params);
        // On a machine that compiles faster than this, the load has ended: then there is nothing to stop.
        for ms in [1, 30, 100, 300] {
            let abort = Abort::new();
            let stop = stop_after(Duration::from_millis(ms), &abort);
            let load = LoadOptions {
                abort,
                ..LoadOptions::default()
            };
            let outcome = load_with(&file, &options, load);
            let elapsed = took(stop);
            match outcome {
                Err(Error::Aborted) => {
                    assert!(
                        elapsed <= ALLOWED,
                        "{name}, after {ms} ms: took {elapsed:?}"
                    );
                    report(&format!(
                        "stop a load, {name}, after {ms} ms: {elapsed:.0?}"
                    ));
                }
                Err(error) => panic!("{name}: {error}"),
                Ok(model) => {
                    assert_ne!(ms, 1, "{name}: a load took a millisecond");
                    model.dispose();
                }
            }
        }
    }
}

#[test]
fn a_generation_stops_within_a_second() {
    let file = stories();
    let mut n_left_out = 0;
    for options in every_option("stop a generation") {
        let device = pollster::block_on(Device::open(&options)).expect("it opened before");
        // Nobody's choice: the smallest submit is a tile of the GPU set, and takes such an adapter what it takes.
        if options.params == ParamsChoice::Gpu && device.is_software() {
            n_left_out += 1;
            continue;
        }
        stop_in_prefill(&file, &options);
        stop_in_decode(&file, &options);
    }
    if n_left_out > 0 {
        report(&format!(
            "skipped: stop a generation, the GPU set on a software adapter, {n_left_out} tiers"
        ));
    }
}

fn generate_options(temperature: f32) -> GenerateOptions {
    GenerateOptions {
        n_predict: 200,
        ignore_eos: true,
        sampler: SamplerOptions {
            temperature,
            ..SamplerOptions::default()
        },
    }
}

/// On a fresh model: the first chunk is cut before the adapter's speed is known.
fn stop_in_prefill(file: &[u8], options: &DeviceOptions) {
    let mut model = load(file, options, KvType::F16).expect("the model loads");
    let abort = Abort::new();
    let stop = stop_after(Duration::from_millis(5), &abort);
    let prompt = Prompt::Tokens(vec![263; 250]);
    let mut ignore = |_: &str, _| {};
    let how = generate_options(0.8);
    let answer = model.generate(&prompt, &how, &abort, &mut ignore);
    let generation = pollster::block_on(answer).expect("an abort is no error");
    let elapsed = took(stop);
    assert_eq!(generation.stop_reason, StopReason::Aborted);
    assert!(
        generation.tokens.is_empty(),
        "stopped before the first token"
    );
    assert!(elapsed <= ALLOWED, "{options:?}: took {elapsed:?}");
    report(&format!(
        "stop in prefill, {}/{}: {elapsed:.0?}",
        options.tier, options.params
    ));
    model.dispose();
}

fn stop_in_decode(file: &[u8], options: &DeviceOptions) {
    let mut model = load(file, options, KvType::F16).expect("the model loads");
    for temperature in [0.0, 0.8] {
        let abort = Abort::new();
        let (mut n_piece, mut at) = (0, Instant::now());
        let mut stop = |_: &str, _| {
            n_piece += 1;
            if n_piece == 3 {
                at = Instant::now();
                abort.abort();
            }
        };
        let prompt = Prompt::Text("Once upon a time".to_owned());
        let how = generate_options(temperature);
        let answer = model.generate(&prompt, &how, &abort, &mut stop);
        let generation = pollster::block_on(answer).expect("an abort is no error");
        let elapsed = at.elapsed();
        assert_eq!(generation.stop_reason, StopReason::Aborted);
        assert_eq!(generation.tokens.len(), 3, "what was generated is kept");
        assert!(elapsed <= ALLOWED, "{options:?}: took {elapsed:?}");
    }
    model.dispose();
}
