//! Which activations `auto` takes: measured once, known afterwards, and never where nothing is gained.

use ggweb_engine::{Abort, ActivationsChoice, DeviceOptions, Gate, LoadOptions, Model, Tier};
use ggweb_tests::data::{Count, report, shared_file};
use ggweb_tests::engine::load_with;
use ggweb_tests::gpu::every_option;

fn open(
    file: &[u8],
    options: &DeviceOptions,
    activations: ActivationsChoice,
    known_gates: Vec<Gate>,
) -> Model {
    let load = LoadOptions {
        activations,
        known_gates,
        ..LoadOptions::default()
    };
    load_with(file, options, load).expect("the model loads")
}

fn bits(model: &mut Model) -> Vec<u32> {
    let logits = pollster::block_on(model.logits(&[1, 403, 407, 261], &Abort::new()));
    let logits = logits.expect("the ids are run");
    logits.into_iter().map(f32::to_bits).collect()
}

#[test]
fn auto_measures_once() {
    let mut count = Count::new("auto activations");
    let file = shared_file("models/stories260K/stories260K-q8_0.gguf")
        .expect("the repository holds this model");
    for options in every_option("auto activations") {
        let open = |activations, known| open(&file, &options, activations, known);
        let mut exact = open(ActivationsChoice::F32, Vec::new());
        let mut int8 = open(ActivationsChoice::Int8, Vec::new());
        assert_eq!(exact.info().activations, "f32");
        assert_eq!(int8.info().activations, "int8");
        assert!(exact.gate().is_none() && int8.gate().is_none());
        let (bits_exact, bits_int8) = (bits(&mut exact), bits(&mut int8));
        assert_ne!(bits_exact, bits_int8);

        let mut first = open(ActivationsChoice::Auto, Vec::new());
        let name = format!("{}/{}", first.info().tier, first.info().params);
        let Some(gate) = first.gate() else {
            // This adapter gains nothing: both ways were not even compiled.
            assert_eq!(first.info().activations, "f32", "{name}");
            assert_eq!(first.info().n_pipeline, exact.info().n_pipeline, "{name}");
            report(&format!(
                "activations, {name}: auto is f32, nothing to gain"
            ));
            count.ran();
            continue;
        };
        assert!(
            gate.mean_kl.is_finite() && gate.mean_kl > 0.0,
            "{name}: {gate:?}"
        );
        assert!(first.info().n_pipeline > exact.info().n_pipeline, "{name}");
        let chosen = if gate.allows() {
            &bits_int8
        } else {
            &bits_exact
        };
        assert!(
            bits(&mut first) == *chosen,
            "{name}: bits of the way it took"
        );
        assert_eq!(first.info().activations == "int8", gate.allows(), "{name}");

        // A context that does not hold the text measures nothing, and nothing is remembered of it.
        let short = LoadOptions {
            n_ctx: Some(32),
            ..LoadOptions::default()
        };
        let short = load_with(&file, &options, short).expect("the model loads");
        assert!(short.gate().is_none(), "{name}: a short context");
        assert_eq!(short.info().activations, "f32", "{name}: a short context");

        // What is known is not measured: one way alone is compiled.
        for (mean_kl, want, bits_want, alone) in [
            (0.0, "int8", &bits_int8, &int8),
            (1.0, "f32", &bits_exact, &exact),
        ] {
            let known = Gate { mean_kl, ..gate };
            let other = Gate {
                key: !gate.key,
                ..gate
            };
            let mut again = open(ActivationsChoice::Auto, vec![other, known]);
            assert_eq!(again.gate(), Some(known), "{name}");
            assert_eq!(again.info().activations, want, "{name}");
            assert_eq!(again.info().n_pipeline, alone.info().n_pipeline, "{name}");
            assert!(bits(&mut again) == *bits_want, "{name}: bits of {want}");
        }
        report(&format!(
            "activations, {name}: a mean KL of {:.1e}",
            gate.mean_kl
        ));
        count.ran();
    }
}

#[test]
fn weights_that_are_numbers_stay_exact() {
    let mut count = Count::new("int8 of f32");
    let base = |options: &DeviceOptions| options.tier == Tier::Base;
    for options in every_option("int8 of f32").into_iter().filter(base) {
        for name in ["stories260K-f32", "stories260K-f16"] {
            let Some(file) = shared_file(&format!("models/stories260K/{name}.gguf")) else {
                count.skipped();
                continue;
            };
            let model = open(&file, &options, ActivationsChoice::Int8, Vec::new());
            assert_eq!(model.info().activations, "f32", "{name}");
            let model = open(&file, &options, ActivationsChoice::Auto, Vec::new());
            assert!(model.gate().is_none(), "{name}: nothing to measure");
            count.ran();
        }
    }
}
