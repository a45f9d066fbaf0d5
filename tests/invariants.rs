//! What must hold of any model: where pages lie and how a prompt is cut changes nothing, and a seed gives one text.

use std::process::Command;

use ggweb_engine::{
    Abort, ActivationsChoice, Chunk, Device, GenerateOptions, KvType, LoadOptions, Loader, Model,
    Prompt, SamplerOptions, Tier,
};
use ggweb_gguf::Parsed;
use ggweb_tests::compare::{kl, max_diff};
use ggweb_tests::data::{Count, report, shared_file};
use ggweb_tests::engine::{Feed, describe, exact, load, load_with, logits};
use ggweb_tests::gpu::{every_option, narrow};
use ggweb_tests::noise;

/// Positions of a page of the cache.
const PAGE: usize = 32;

/// In the repository too, so it is always there.
fn stories() -> Vec<u8> {
    shared_file("models/stories260K/stories260K-q8_0.gguf")
        .expect("the repository holds this model")
}

/// Ids of no text: the invariants are about arithmetic.
fn ids(n: usize, n_vocab: u32) -> Vec<u32> {
    noise::words(20)
        .take(n)
        .map(|word| word % n_vocab)
        .collect()
}

fn bits(logits: &[f32]) -> Vec<u32> {
    logits.iter().map(|logit| logit.to_bits()).collect()
}

fn greedy(model: &mut Model, prompt: &[u32], n_predict: u32) -> Vec<u32> {
    let sampler = SamplerOptions {
        temperature: 0.0,
        ..SamplerOptions::default()
    };
    generate(
        model,
        prompt,
        &GenerateOptions {
            n_predict,
            ignore_eos: true,
            sampler,
        },
    )
}

fn generate(model: &mut Model, prompt: &[u32], options: &GenerateOptions) -> Vec<u32> {
    let prompt = Prompt::Tokens(prompt.to_vec());
    let (abort, mut ignore) = (Abort::new(), |_: &str, _| {});
    let answer = model.generate(&prompt, options, &abort, &mut ignore);
    pollster::block_on(answer)
        .expect("the model generates")
        .tokens
}

#[test]
fn a_shuffled_block_table_changes_no_bit() {
    for options in every_option("block table") {
        // What reads pages of f32 is the same in every tier.
        let kv_types: &[KvType] = match options.tier {
            Tier::Base => &[KvType::F16, KvType::F32],
            _ => &[KvType::F16],
        };
        for &kv in kv_types {
            let mut model = load(&stories(), &options, kv).expect("the model loads");
            // Over five pages, and two tokens before a border that the decode crosses.
            let prompt = ids(6 * PAGE - 2, model.info().n_vocab);
            let run = |model: &mut Model| {
                let prefill = bits(&logits(model, &prompt, Feed::Chunks(128)));
                let decode = bits(&logits(model, &prompt, Feed::Decode));
                (prefill, decode, greedy(model, &prompt, 8))
            };
            let straight = run(&mut model);
            let n_page = model.info().n_ctx.div_ceil(narrow(PAGE));
            // 5 shares no factor with the 16 pages of this model's context.
            let shuffled: Vec<u32> = (0..n_page).map(|i| (5 * i + 3) % n_page).collect();
            model.set_block_table(&shuffled).expect("a permutation");
            let name = describe(&model, kv);
            assert!(
                run(&mut model) == straight,
                "{name}: pages in another order gave other bits"
            );
            model.dispose();
        }
    }
}

#[test]
fn a_prompt_may_be_cut_anywhere() {
    for options in every_option("chunks") {
        for kv in [KvType::F32, KvType::F16] {
            let (max_logit, max_kl) = if kv == KvType::F32 {
                (2e-3, 1e-6)
            } else {
                (5e-2, 1e-4)
            };
            let mut model = load(&stories(), &options, kv).expect("the model loads");
            let n_vocab = model.info().n_vocab as usize;
            let prompt = ids(100, model.info().n_vocab);
            let whole = logits(&mut model, &prompt, Feed::Chunks(128));
            for feed in [Feed::Chunks(7), Feed::Chunks(33), Feed::Decode] {
                let cut = logits(&mut model, &prompt, feed);
                // Chunks are cut by the clock: the same seed gives the same text only if that changes no bit.
                if feed != Feed::Decode {
                    let is_equal = bits(&cut) == bits(&whole);
                    assert!(is_equal, "{}, {feed:?}: other bits", describe(&model, kv));
                }
                let diff = max_diff(&cut, &whole);
                let rows = cut.chunks_exact(n_vocab).zip(whole.chunks_exact(n_vocab));
                let worst = rows
                    .map(|(cut, whole)| kl(cut, whole).abs())
                    .fold(0.0, f64::max);
                let name = format!("{}, {feed:?}", describe(&model, kv));
                assert!(
                    diff <= max_logit,
                    "{name}: a logit is off by {diff:e}, allowed {max_logit:e}"
                );
                assert!(
                    worst <= max_kl,
                    "{name}: KL is {worst:e}, allowed {max_kl:e}"
                );
                report(&format!("chunks, {name}: logit {diff:.1e}, KL {worst:.1e}"));
            }
            model.dispose();
        }
    }
}

#[test]
fn a_matrix_in_parts_gives_the_same_bits() {
    for options in every_option("parts") {
        let run = |activations, max_binding_bytes| {
            let load = LoadOptions {
                activations,
                max_binding_bytes,
                ..exact()
            };
            let mut model = load_with(&stories(), &options, load).expect("the model loads");
            let prompt = ids(40, model.info().n_vocab);
            let dispatches = model.info().dispatches_per_token;
            let prefill = bits(&logits(&mut model, &prompt, Feed::Chunks(128)));
            let decode = bits(&logits(&mut model, &prompt, Feed::Decode));
            let name = describe(&model, KvType::F16);
            model.dispose();
            (name, dispatches, prefill, decode)
        };
        for activations in [ActivationsChoice::F32, ActivationsChoice::Int8] {
            let (name, n_whole, prefill, decode) = run(activations, None);
            // 45 rows of 64 weights in Q8_0: borders between heads' rows, and a last part that is shorter.
            let (_, n_parts, prefill_parts, decode_parts) = run(activations, Some(45 * 64));
            assert!(
                n_parts > 2 * n_whole,
                "{name}: {n_parts} dispatches, whole {n_whole}"
            );
            assert!(prefill_parts == prefill, "{name}: other bits in prefill");
            assert!(decode_parts == decode, "{name}: other bits in decode");
            report(&format!(
                "parts, {name}, {activations}: {n_whole} dispatches whole, {n_parts} in parts"
            ));
        }
    }
}

#[test]
fn a_block_whose_v_has_another_type_is_eight_dispatches() {
    let mut count = Count::new("mixed types");
    let Some(file) = shared_file("quants/mix/llama256-Q4_K_M.gguf") else {
        return count.skipped();
    };
    for options in every_option("mixed types") {
        let model = load(&file, &options, KvType::F16).expect("the model loads");
        assert_eq!(model.info().n_layer, 2);
        // As tests/counters.rs has it, and one more where V is in Q6_K: Q and K stay one matrix.
        let dispatches = model.info().dispatches_per_token;
        assert!(dispatches <= 2 * 7 + 1 + 4, "{dispatches} dispatches");
        model.dispose();
        count.ran();
    }
}

#[test]
fn a_file_may_come_in_any_pieces() {
    let Some(options) = every_option("pieces").into_iter().next() else {
        return;
    };
    let file = stories();
    let Ok(Parsed::Header(header)) = ggweb_gguf::parse(&file, None) else {
        panic!("the header is whole");
    };
    let data = header.data_offset as usize;
    let run = |cuts: &[usize]| {
        pollster::block_on(async {
            let device = Device::open(&options).await?;
            let mut loader = Loader::new(device, exact(), Some(file.len() as u64));
            let mut begin = 0;
            for &end in cuts.iter().chain([&file.len()]) {
                loader.push(Chunk::from(file[begin..end].to_vec())).await?;
                begin = end;
            }
            let mut model = loader.finish().await?;
            let got = bits(&model.logits(&[1, 403, 407], &Abort::new()).await?);
            model.dispose();
            Ok::<_, ggweb_engine::Error>(got)
        })
        .expect("the model loads")
    };
    let whole = run(&[]);
    // Within the magic, before and within the padding behind the header, at and behind its end, in the last word.
    let end = file.len();
    for cuts in [
        vec![1, 3],
        vec![data - 40, data - 1],
        vec![data - 1, data, data + 1],
        vec![data + 33, data + 34, end - 1],
        (1..end).step_by(4099).collect(),
    ] {
        assert!(run(&cuts) == whole, "other bits when cut at {cuts:?}");
    }
}

/// What the other process of the next test runs, too.
#[test]
fn tokens_of_a_seed() {
    for options in every_option("seed").into_iter().take(1) {
        let mut model = load(&stories(), &options, KvType::F16).expect("the model loads");
        let mut of_seed = |seed| {
            let sampler = SamplerOptions {
                temperature: 0.8,
                seed,
                ..SamplerOptions::default()
            };
            generate(
                &mut model,
                &[1, 403, 407],
                &GenerateOptions {
                    n_predict: 48,
                    ignore_eos: true,
                    sampler,
                },
            )
        };
        let (first, again, other) = (of_seed(42), of_seed(42), of_seed(43));
        assert_eq!(first.len(), 48);
        assert_eq!(first, again, "the same seed twice in one process");
        assert_ne!(first, other, "another seed");
        println!("tokens: {first:?}");
        model.dispose();
    }
}

#[test]
fn two_processes_give_the_same_tokens() {
    if every_option("two processes").is_empty() {
        return;
    }
    let tokens = || {
        let output = Command::new(std::env::current_exe().expect("a test has a path"))
            .args(["--exact", "tokens_of_a_seed", "--nocapture"])
            .output()
            .expect("the test runs itself");
        let output = String::from_utf8_lossy(&output.stdout).into_owned();
        output
            .lines()
            .find(|line| line.contains("tokens: ["))
            .expect("the other process prints its tokens")
            .to_owned()
    };
    assert_eq!(tokens(), tokens());
}
