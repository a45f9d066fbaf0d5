//! Why a generation ends, and that it goes on past an end of text when told to.

use ggweb_engine::{
    Abort, GenerateOptions, KvType, LoadOptions, Prompt, SamplerOptions, StopReason,
};
use ggweb_tests::data::{Count, shared_file};
use ggweb_tests::engine::{exact, load, load_with};
use ggweb_tests::golden::ModelGolden;
use ggweb_tests::gpu::every_option;

fn options(n_predict: u32, ignore_eos: bool, temperature: f32) -> GenerateOptions {
    GenerateOptions {
        n_predict,
        ignore_eos,
        sampler: SamplerOptions {
            temperature,
            ..SamplerOptions::default()
        },
    }
}

#[test]
fn an_end_of_text_ends_it_unless_it_is_ignored() {
    let name = "minimind2-small-q8_0";
    let mut count = Count::new("end of text");
    let path = format!("models/minimind2-small/{name}.gguf");
    let (Some(golden), Some(file)) = (ModelGolden::read(name), shared_file(&path)) else {
        return count.skipped();
    };
    // The reference's greedy ids end with the end of text.
    let prompt = &golden.prompts[0];
    let expected: Vec<u32> = prompt.greedy.iter().map(|step| step.id).collect();
    let (eog, before) = expected.split_last().expect("the golden has steps");
    for device in every_option("end of text").into_iter().take(1) {
        let mut model = load(&file, &device, KvType::F32).expect(name);
        assert!(model.eog().contains(eog), "the golden's last id is an end");
        let mut generate = |ignore_eos| {
            let how = options(expected.len() as u32 + 2, ignore_eos, 0.0);
            let prompt = Prompt::Tokens(prompt.ids.clone());
            let abort = Abort::new();
            let mut ignore = |_: &str, _| {};
            let answer = model.generate(&prompt, &how, &abort, &mut ignore);
            pollster::block_on(answer).expect("the ids are run")
        };
        let ended = generate(false);
        assert_eq!(ended.stop_reason, StopReason::Eog);
        assert_eq!(ended.tokens, before, "the end of text itself is not told");
        let went_on = generate(true);
        assert_eq!(went_on.stop_reason, StopReason::Length);
        assert_eq!(went_on.tokens.len(), expected.len() + 2);
        assert_eq!(went_on.tokens[..expected.len()], expected);
        model.dispose();
        count.ran();
    }
}

#[test]
fn the_end_of_the_context_ends_it() {
    const N_CTX: u32 = 32;
    let mut count = Count::new("end of the context");
    let file = shared_file("models/stories260K/stories260K-q8_0.gguf")
        .expect("the repository holds this model");
    for device in every_option("end of the context") {
        let small = LoadOptions {
            n_ctx: Some(N_CTX),
            ..exact()
        };
        let mut model = load_with(&file, &device, small).expect("the model loads");
        for temperature in [0.0, 0.8] {
            let prompt = Prompt::Tokens(vec![1, 403, 407, 261]);
            let how = options(100, true, temperature);
            let mut n_told = 0;
            let mut tell = |_: &str, id: Option<u32>| n_told += usize::from(id.is_some());
            let abort = Abort::new();
            let answer = model.generate(&prompt, &how, &abort, &mut tell);
            let generation = pollster::block_on(answer).expect("a full context is no error");
            assert_eq!(generation.stop_reason, StopReason::Context);
            // The last id needs no position: nothing comes behind it.
            assert_eq!(generation.tokens.len(), N_CTX as usize - 4 + 1);
            assert_eq!(n_told, generation.tokens.len());
        }
        model.dispose();
        count.ran();
    }
}
