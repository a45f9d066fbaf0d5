//! The whole model against expected results that are not ours, in every tier that the adapter has and both parameter
//! sets. Prints how near it came.

use std::path::Path;

use ggweb_engine::{
    ActivationsChoice, DeviceOptions, Error, KvType, LoadOptions, ParamsChoice, Tier,
};
use ggweb_tests::check::{self, Bounds};
use ggweb_tests::data::{Count, report, shared_file};
use ggweb_tests::engine::{Feed, describe, load, load_with, logits};
use ggweb_tests::golden::{ArchGolden, GENERATED, ModelGolden, quantized};
use ggweb_tests::gpu::{compat_option, every_option};

/// More than any prompt chunk may have would be refused; this is one chunk for all but the longest.
const WHOLE: Feed = Feed::Chunks(128);

#[test]
fn stories260k_agrees_with_its_goldens() {
    for name in ["stories260K-f32", "stories260K-f16", "stories260K-q8_0"] {
        let every = [
            (KvType::F32, WHOLE),
            (KvType::F32, Feed::Decode),
            (KvType::F16, WHOLE),
            (KvType::F16, Feed::Decode),
        ];
        trained_model_agrees("stories260K", name, &every);
    }
}

#[test]
fn workgroups_of_128_agree_with_a_golden() {
    let name = "stories260K-q8_0";
    let Some(file) = shared_file("models/stories260K/stories260K-q8_0.gguf") else {
        return Count::new("workgroups of 128").skipped();
    };
    let options = compat_option("workgroups of 128").into_iter();
    let runs = [(KvType::F32, WHOLE), (KvType::F32, Feed::Decode)];
    file_agrees(name, &file, options, &runs);
}

#[test]
fn stories15m_agrees_with_its_goldens() {
    for name in ["stories15M-f16", "stories15M-q4_0"] {
        trained_model_agrees(
            "stories15M",
            name,
            &[(KvType::F32, WHOLE), (KvType::F16, Feed::Decode)],
        );
    }
}

#[test]
fn minimind2_agrees_with_its_golden() {
    let runs = [(KvType::F32, WHOLE), (KvType::F16, Feed::Decode)];
    trained_model_agrees("minimind2-small", "minimind2-small-q8_0", &runs);
}

/// Real files of hundreds of MB, of types that are mixed: looked for in the folder that `GGWEB_MODELS` names.
#[test]
fn large_models_agree_with_their_goldens() {
    let runs = [
        (KvType::F32, WHOLE),
        (KvType::F32, Feed::Decode),
        (KvType::F16, WHOLE),
    ];
    for name in ["SmolLM2-135M-Instruct.Q4_1", "tinyllama-1.1b-chat-iq2_xxs"] {
        let file = std::env::var("GGWEB_MODELS")
            .ok()
            .and_then(|dir| std::fs::read(Path::new(&dir).join(format!("{name}.gguf"))).ok());
        let Some(file) = file else {
            report(&format!(
                "skipped: {name}, it is not in the folder GGWEB_MODELS"
            ));
            continue;
        };
        // A software adapter takes minutes with the GPU set, and has run it on small models of each type.
        let options = every_option(name).into_iter();
        let software = options.filter(|options| options.params == ParamsChoice::Software);
        file_agrees(name, &file, software, &runs);
        auto_takes_int8(name, &file);
    }
}

/// What int8 activations cost a real model, whose outliers no generated file has, lets `auto` take them.
fn auto_takes_int8(name: &'static str, file: &[u8]) {
    let options = every_option(name).into_iter();
    for options in options.filter(|options| options.params == ParamsChoice::Software) {
        let load = LoadOptions::default();
        assert_eq!(load.activations, ActivationsChoice::Auto);
        let model = load_with(file, &options, load).expect(name);
        let place = format!("{name}, {}", describe(&model, KvType::F16));
        let taken = model.info().activations;
        match model.gate() {
            Some(gate) => {
                let mean_kl = gate.mean_kl;
                report(&format!(
                    "{place}: auto takes {taken}, int8 costs a mean KL of {mean_kl:.1e}"
                ));
                assert!(taken == "int8" || !name.starts_with("SmolLM2"), "{place}");
            }
            None => report(&format!("{place}: auto takes {taken}, nothing to gain")),
        }
        model.dispose();
    }
}

fn trained_model_agrees(dir: &str, name: &'static str, runs: &[(KvType, Feed)]) {
    match shared_file(&format!("models/{dir}/{name}.gguf")) {
        Some(file) => file_agrees(name, &file, every_option(name).into_iter(), runs),
        None => Count::new(name).skipped(),
    }
}

fn file_agrees(
    name: &'static str,
    file: &[u8],
    every: impl Iterator<Item = DeviceOptions>,
    runs: &[(KvType, Feed)],
) {
    let mut count = Count::new(name);
    let Some(golden) = ModelGolden::read(name) else {
        return count.skipped();
    };
    for options in every {
        for &(kv, feed) in runs {
            let mut model = load(file, &options, kv).expect(name);
            let has_f16 = kv == KvType::F16 || model.info().tier.contains("f16");
            let bounds = if has_f16 { Bounds::F16 } else { Bounds::F32 };
            let worst = check::model(&golden, &bounds, |ids| logits(&mut model, ids, feed));
            report(&format!(
                "{name}, {}, {feed:?}: {worst}",
                describe(&model, kv)
            ));
            model.dispose();
            count.ran();
        }
    }
}

/// A type of cache, and how the ids are fed to a model with it.
type Run = (KvType, &'static [Feed]);

const BOTH_WAYS: &[Run] = &[(KvType::F32, &[WHOLE, Feed::Decode])];

#[test]
fn generated_models_agree_with_llama_cpp() {
    agree_with_llama_cpp("generated models", &GENERATED.map(String::from), |_| {
        BOTH_WAYS
    });
}

#[test]
fn every_type_of_weights_agrees_with_exact_arithmetic() {
    // The GPU set takes a software adapter long: tests/ops has its matvec in each type.
    const GPU: &[Run] = &[(KvType::F32, &[WHOLE])];
    const SOFTWARE: &[Run] = &[
        (KvType::F32, &[WHOLE, Feed::Decode]),
        (KvType::F16, &[WHOLE]),
    ];
    let runs = |options: &DeviceOptions| match options.params {
        ParamsChoice::Gpu => GPU,
        _ => SOFTWARE,
    };
    agree_with_llama_cpp("types of weights", &quantized(), runs);
}

fn agree_with_llama_cpp(
    name: &'static str,
    paths: &[String],
    runs: impl Fn(&DeviceOptions) -> &'static [Run],
) {
    let mut count = Count::new(name);
    let base = |options: &DeviceOptions| options.tier == Tier::Base;
    for options in every_option(name).into_iter().filter(base) {
        for path in paths {
            let (Some(golden), Some(file)) =
                (ArchGolden::read(path), shared_file(&format!("{path}.gguf")))
            else {
                count.skipped();
                continue;
            };
            for &(kv, feeds) in runs(&options) {
                let mut model = load(&file, &options, kv).expect(path);
                let bounds = match kv {
                    KvType::F32 => Bounds::ARCH,
                    KvType::F16 => Bounds::F16,
                };
                for &feed in feeds {
                    let worst = check::arch(&golden, &bounds, |ids| logits(&mut model, ids, feed));
                    let place = describe(&model, kv);
                    report(&format!("{path}, {place}, {feed:?}: {worst}"));
                    count.ran();
                }
                model.dispose();
            }
        }
    }
}

#[test]
fn int8_activations_cost_at_most_twice_those_of_llama_cpp() {
    let name = "int8 activations";
    let mut count = Count::new(name);
    // Every file where a subgroup shares x. The other ways, which differ in where a tile lies and not in how a block is
    // multiplied, take one file of each kind: the GPU set takes a software adapter long.
    const KINDS: [&str; 4] = ["Q4_0", "Q8_0", "IQ2_S", "Q4_K_M"];
    let of_each_kind = |path: &String| KINDS.iter().any(|kind| path.ends_with(&format!("-{kind}")));
    for options in every_option(name) {
        let is_whole = options.tier == Tier::Subgroups && options.params == ParamsChoice::Software;
        let paths = quantized().into_iter();
        for path in paths.filter(|path| is_whole || of_each_kind(path)) {
            let (Some(golden), Some(file)) = (
                ArchGolden::read(&path),
                shared_file(&format!("{path}.gguf")),
            ) else {
                count.skipped();
                continue;
            };
            let load = LoadOptions {
                activations: ActivationsChoice::Int8,
                cache_type_k: KvType::F32,
                cache_type_v: KvType::F32,
                ..LoadOptions::default()
            };
            let mut model = load_with(&file, &options, load).expect(&path);
            // F32, F16 and BF16 have no such products, and run in f32.
            if model.info().activations == "f32" {
                model.dispose();
                continue;
            }
            let feeds: &[Feed] = match options.params {
                ParamsChoice::Gpu => &[WHOLE],
                _ => &[WHOLE, Feed::Decode],
            };
            for &feed in feeds {
                let place = format!("{path}, {}, {feed:?}", describe(&model, KvType::F32));
                let run = |ids: &[u32]| logits(&mut model, ids, feed);
                let (ours, theirs) = check::int8(&golden, &place, run);
                report(&format!(
                    "{place}: int8 activations cost {ours:.1e}, llama.cpp's {theirs:.1e}"
                ));
                count.ran();
            }
            model.dispose();
        }
    }
}

#[test]
fn experts_are_refused_by_name() {
    let mut count = Count::new("refusals");
    for options in every_option("refusals").into_iter().take(1) {
        let Some(file) = shared_file("arch/mixtral.gguf") else {
            return count.skipped();
        };
        match load(&file, &options, KvType::F16) {
            Err(Error::UnsupportedModel(message)) => {
                assert!(message.contains("expert"), "{message}");
            }
            other => panic!("expected a refusal that names the experts, got {other:?}"),
        }
        count.ran();
    }
}
