//! Ops over one row at a time: `rms_norm`, `argmax`, `quantize`.

use bytemuck::Zeroable;
use ggweb_gpu::ops::{self, NormRows, QuantizedBlock, RmsNorm, Step};
use ggweb_reference::ops as twin;
use ggweb_tests::gpu::{Rig, narrow};
use ggweb_tests::noise;

use crate::{F32, around, check};

#[test]
fn rms_norm_agrees_with_its_twin() {
    for mut rig in Rig::every_width("ops: rms_norm") {
        let (lanes, _) = rig.device().caps().row_reduce();
        for n_vec4 in around(lanes as usize) {
            for n_token in [1, 3] {
                let y_stride = 4 * n_vec4 + 8;
                rms_norm(&mut rig, 4 * n_vec4, n_token, y_stride, NormRows::Batch);
            }
            rms_norm(&mut rig, 4 * n_vec4, 3, 4 * n_vec4, NormRows::LogitsRow);
            rms_norm(&mut rig, 4 * n_vec4, 2, 4 * n_vec4, NormRows::FromLogitsRow);
        }
    }
}

fn rms_norm(rig: &mut Rig, n_embd: usize, n_token: usize, y_stride: usize, rows: NormRows) {
    const EPS: f32 = 1e-5;
    let (logits_row, n_x) = match rows {
        NormRows::Batch => (0, n_token),
        NormRows::LogitsRow => (n_token - 1, n_token),
        NormRows::FromLogitsRow => (2, n_token + 2),
    };
    let x = noise::f32s(1, n_x * n_embd);
    let weight = noise::f32s(2, n_embd);
    let mut want = vec![0.0; n_x * n_embd];
    twin::rms_norm(&x, &weight, n_embd, EPS, &mut want);
    want.drain(..logits_row * n_embd);

    let n_row = want.len() / n_embd;
    let step = Step {
        n_token: narrow(n_token),
        logits_row: narrow(logits_row),
        ..Step::default()
    };
    let (step, x, weight) = (rig.step(step), rig.storage(&x), rig.storage(&weight));
    let y = rig.storage(&vec![0.0f32; n_row * y_stride]);
    let norm = RmsNorm {
        n_embd: narrow(n_embd),
        y_stride: narrow(y_stride),
        eps: EPS,
        rows,
    };
    rig.run(n_token, |rec| {
        ops::rms_norm(rec, norm, &step, &x, &weight, &y);
    });
    let got = rig.read::<f32>(&y, n_row * y_stride);
    let got: Vec<f32> = got
        .chunks_exact(y_stride)
        .flat_map(|row| &row[..n_embd])
        .copied()
        .collect();
    check(
        &format!("rms_norm {n_token} x {n_embd}, {}", rig.name()),
        &got,
        &want,
        F32,
    );
}

#[test]
fn argmax_agrees_with_its_twin() {
    for mut rig in Rig::every_width("ops: argmax") {
        let (lanes, _) = rig.device().caps().row_reduce();
        for n_vocab in around(lanes as usize).into_iter().chain([5000]) {
            argmax(&mut rig, &noise::f32s(3, n_vocab));
            // All equal, all very small, and two equal ones whose lanes meet last.
            argmax(&mut rig, &vec![0.5; n_vocab]);
            argmax(&mut rig, &vec![f32::MIN; n_vocab]);
            let mut tie = vec![-1.0; n_vocab];
            tie[n_vocab - 1] = 2.0;
            tie[n_vocab / 2] = 2.0;
            argmax(&mut rig, &tie);
        }
    }
}

fn argmax(rig: &mut Rig, logits: &[f32]) {
    let mut want = [0];
    twin::argmax(logits, logits.len(), &mut want);
    let n_vocab = narrow(logits.len());
    let (logits, tokens) = (rig.storage(logits), rig.storage(&[u32::MAX; 4]));
    rig.run(1, |rec| ops::argmax(rec, n_vocab, &logits, &tokens));
    assert_eq!(
        rig.read::<u32>(&tokens, 1),
        want,
        "argmax of {n_vocab}, {}",
        rig.name()
    );
}

#[test]
fn quantize_agrees_with_its_twin() {
    for mut rig in Rig::every_width("ops: quantize") {
        for n_block in [1, 7, 8, 9, 65] {
            for n_token in [1, 3] {
                let n = n_token * n_block;
                let mut x = noise::steps(10, 32 * n);
                // A block of zeros, and one whose values are hardly numbers any more.
                x[..32].fill(0.0);
                x[32 * (n - 1)..].iter_mut().for_each(|v| *v *= 1e-30);
                quantize(&mut rig, n_token, &x);
            }
        }
    }
}

fn quantize(rig: &mut Rig, n_token: usize, x: &[f32]) {
    let n_block = x.len() / 32;
    let (x_buffer, q) = (
        rig.storage(x),
        rig.storage(&vec![QuantizedBlock::zeroed(); n_block]),
    );
    let step = rig.step(Step {
        n_token: narrow(n_token),
        ..Step::default()
    });
    let width = narrow(x.len() / n_token);
    rig.run(n_token, |rec| {
        ops::quantize(rec, width, &step, &x_buffer, &q);
    });
    let got: Vec<QuantizedBlock> = rig.read(&q, n_block);
    for (i, (got, want)) in got.iter().zip(twin::quantize(x)).enumerate() {
        let case = format!("quantize block {i} of {n_block}, {}", rig.name());
        assert_eq!((got.q, got.sums), (want.q, want.sums), "{case}");
        let ulps = got.scale.to_bits().abs_diff(want.scale.to_bits());
        // WGSL's division.
        assert!(
            ulps <= 3,
            "{case}: a scale of {}, not {}",
            got.scale,
            want.scale
        );
    }
}
