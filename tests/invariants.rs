//! What must hold of any model: where pages lie and how a prompt is cut changes nothing, and a seed gives one text.

use std::process::Command;

use ggweb_engine::{Abort, GenerateOptions, KvType, Model, Prompt, SamplerOptions, Tier};
use ggweb_tests::compare::{kl, max_diff};
use ggweb_tests::data::{report, shared_file};
use ggweb_tests::engine::{Feed, describe, load, logits};
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
                let prefill: Vec<u32> = logits(model, &prompt, Feed::Chunks(128))
                    .into_iter()
                    .map(f32::to_bits)
                    .collect();
                let decode: Vec<u32> = logits(model, &prompt, Feed::Decode)
                    .into_iter()
                    .map(f32::to_bits)
                    .collect();
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
            for feed in [Feed::Chunks(7), Feed::Decode] {
                let cut = logits(&mut model, &prompt, feed);
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
