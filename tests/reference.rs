//! The CPU twin of the whole forward pass against expected results that are not ours.

use ggweb_reference::ops::{KvStorage, rms_norm};
use ggweb_reference::{Error, Model, forward};
use ggweb_tests::check::{self, Bounds};
use ggweb_tests::compare::max_diff;
use ggweb_tests::data::{Count, report, shared_file};
use ggweb_tests::golden::{ArchGolden, GENERATED, ModelGolden};

#[test]
fn generated_models_agree_with_llama_cpp() {
    let mut count = Count::new("reference, generated models");
    let quantized = ["quants/llama256-Q8_0", "quants/mix/llama256-Q4_K_M"];
    for path in GENERATED.into_iter().chain(quantized) {
        let (Some(golden), Some(file)) =
            (ArchGolden::read(path), shared_file(&format!("{path}.gguf")))
        else {
            count.skipped();
            continue;
        };
        let model = Model::from_gguf(&file).expect(path);
        let worst = check::arch(&golden, &Bounds::ARCH, |ids| {
            forward(&model, ids, KvStorage::F32).logits
        });
        report(&format!("{path}: {worst}"));
        count.ran();
    }
}

#[test]
fn residuals_agree_layer_by_layer() {
    let mut count = Count::new("reference, residuals");
    for path in GENERATED {
        let (Some(golden), Some(file)) =
            (ArchGolden::read(path), shared_file(&format!("{path}.gguf")))
        else {
            count.skipped();
            continue;
        };
        let model = Model::from_gguf(&file).expect(path);
        for prompt in &golden.prompts {
            if let Some(hidden) = &prompt.hidden_last {
                let diff = residual_diff(&model, &prompt.ids, hidden);
                assert!(diff <= 1e-3, "{path}: a residual is off by {diff:e}");
                count.ran();
            }
        }
    }
}

/// Against `[n_layer + 1, n_embd]` at the last position, whose last row is after the final norm.
fn residual_diff(model: &Model, ids: &[u32], hidden: &[f32]) -> f64 {
    let h = &model.hparams;
    let residuals = forward(model, ids, KvStorage::F32).residuals;
    let mut last = Vec::new();
    for stream in residuals.chunks_exact(ids.len() * h.n_embd) {
        last.extend(&stream[(ids.len() - 1) * h.n_embd..]);
    }
    let final_row = h.n_layer * h.n_embd;
    let before = last[final_row..].to_vec();
    rms_norm(
        &before,
        &model.output_norm,
        h.n_embd,
        h.norm_rms_eps,
        &mut last[final_row..],
    );
    max_diff(&last, hidden)
}

#[test]
fn trained_models_agree_with_their_goldens() {
    let mut count = Count::new("reference, trained models");
    for (dir, name) in [
        ("stories260K", "stories260K-f32"),
        ("stories260K", "stories260K-f16"),
        ("stories260K", "stories260K-q8_0"),
        ("stories15M", "stories15M-q4_0"),
    ] {
        let path = format!("models/{dir}/{name}.gguf");
        let (Some(golden), Some(file)) = (ModelGolden::read(name), shared_file(&path)) else {
            count.skipped();
            continue;
        };
        let model = Model::from_gguf(&file).expect(name);
        let worst = check::model(&golden, &Bounds::F32, |ids| {
            forward(&model, ids, KvStorage::F32).logits
        });
        report(&format!("{name}: {worst}"));
        let worst = check::model(&golden, &Bounds::F16, |ids| {
            forward(&model, ids, KvStorage::F16).logits
        });
        report(&format!("{name}, f16 cache: {worst}"));
        count.ran();
    }
}

#[test]
fn experts_are_refused_by_name() {
    let mut count = Count::new("reference, refusals");
    let Some(file) = shared_file("arch/mixtral.gguf") else {
        return count.skipped();
    };
    match Model::from_gguf(&file) {
        Err(Error::Unsupported {
            what: "expert count",
            found,
        }) => assert_eq!(found, "4"),
        other => panic!("expected a refusal, got {other:?}"),
    }
    count.ran();
}
