//! `attention` over the paged cache, whole for prefill, split with `attention_merge` for decode.

use ggweb_gpu::ops::{self, AttentionShape, KvType, Step};
use ggweb_gpu::shader::Shader;
use ggweb_gpu::tuning::Attention;
use ggweb_reference::ops as twin;
use ggweb_tests::gpu::{Rig, narrow};
use ggweb_tests::noise;

use crate::cache::{BLOCK_TABLE, N_CTX, N_PAGE, PAGE, TYPES, pages, storage};
use crate::{F32, Seen, check};

/// Query heads and key/value heads: groups of 1, 2, 3 and 5 rows of the kernel's 4.
const HEADS: [(usize, usize); 4] = [(1, 1), (4, 2), (6, 2), (5, 1)];
const HEAD_DIMS: [usize; 12] = [8, 24, 32, 40, 48, 64, 80, 96, 112, 128, 192, 256];

#[test]
fn attention_agrees_with_its_twin() {
    let mut seen = Seen::default();
    for mut rig in Rig::every("ops: attention") {
        for types in TYPES {
            let plain = Case {
                types,
                n_head: 1,
                n_head_kv: 1,
                head_dim: 16,
                n_token: 1,
                pos: 0,
            };
            if seen.first(shader(&rig, &plain, false)) {
                for (n_head, n_head_kv) in HEADS {
                    for (n_token, pos) in [(1, 0), (7, 0), (17, 15), (33, 40)] {
                        let case = Case {
                            n_head,
                            n_head_kv,
                            n_token,
                            pos,
                            ..plain
                        };
                        attention(&mut rig, &case, false);
                    }
                }
            }
        }
        for head_dim in HEAD_DIMS {
            let types = (KvType::F16, KvType::F32);
            let case = Case {
                types,
                n_head: 4,
                n_head_kv: 2,
                head_dim,
                n_token: 9,
                pos: 20,
            };
            if seen.first(shader(&rig, &case, false)) {
                attention(&mut rig, &case, false);
            }
        }
    }
}

/// Decode: the splits and their merge together give what attention over the whole cache gives.
#[test]
fn attention_merge_joins_splits_to_the_whole() {
    let mut seen = Seen::default();
    for mut rig in Rig::every("ops: attention split over KV") {
        for types in TYPES {
            let plain = Case {
                types,
                n_head: 1,
                n_head_kv: 1,
                head_dim: 16,
                n_token: 1,
                pos: 0,
            };
            if seen.first(shader(&rig, &plain, true)) {
                let min = tuning(&rig, &plain, true).split_min as usize;
                for (n_head, n_head_kv) in HEADS {
                    for n_kv in [1, 3, 4, 5, 15, 16, 17, min - 1, min, min + 1, N_CTX] {
                        let case = Case {
                            n_head,
                            n_head_kv,
                            pos: n_kv - 1,
                            ..plain
                        };
                        attention(&mut rig, &case, true);
                    }
                }
            }
        }
        for head_dim in HEAD_DIMS {
            let types = (KvType::F16, KvType::F32);
            let pos = N_CTX - 1;
            let case = Case {
                types,
                n_head: 4,
                n_head_kv: 2,
                head_dim,
                n_token: 1,
                pos,
            };
            if seen.first(shader(&rig, &case, true)) {
                attention(&mut rig, &case, true);
            }
        }
    }
}

fn tuning(rig: &Rig, case: &Case, split: bool) -> Attention {
    rig.device().caps().attention(narrow(case.head_dim), split)
}

fn shader(rig: &Rig, case: &Case, split: bool) -> Shader {
    ops::attention_shader(rig.device().caps(), &shape(case), &tuning(rig, case, split))
}

#[derive(Debug, Clone, Copy)]
struct Case {
    types: (KvType, KvType),
    n_head: usize,
    n_head_kv: usize,
    head_dim: usize,
    n_token: usize,
    pos: usize,
}

/// Rows of q and of the result lie further apart than they are long.
fn shape(case: &Case) -> AttentionShape {
    let n_q = case.n_head * case.head_dim;
    AttentionShape {
        n_head: narrow(case.n_head),
        n_head_kv: narrow(case.n_head_kv),
        head_dim: narrow(case.head_dim),
        q_stride: narrow(n_q + 8),
        out_stride: narrow(n_q + 4),
        scale: 1.0 / (case.head_dim as f32).sqrt(),
        page: narrow(PAGE),
        types: case.types,
    }
}

fn attention(rig: &mut Rig, case: &Case, split: bool) {
    let tuning = tuning(rig, case, split);
    let Case {
        types,
        n_head,
        n_head_kv,
        head_dim,
        n_token,
        pos,
    } = *case;
    let n_pool = N_PAGE * n_head_kv * PAGE * head_dim;
    // Scores of a few units, so that the softmax is neither flat nor a single one.
    let filled = |seed, kv_type| -> Vec<f32> {
        noise::f32s(seed, n_pool)
            .iter()
            .map(|x| storage(kv_type).round(2.0 * x))
            .collect()
    };
    let (k, v) = (filled(11, types.0), filled(12, types.1));
    let q: Vec<f32> = noise::f32s(13, n_token * n_head * head_dim)
        .iter()
        .map(|x| 4.0 * x)
        .collect();

    let layout = twin::KvLayout {
        page_size: PAGE,
        n_head_kv,
        head_dim,
    };
    let positions: Vec<u32> = (pos..pos + n_token).map(narrow).collect();
    let mut want = vec![0.0; q.len()];
    twin::attention(&q, &k, &v, &positions, &BLOCK_TABLE, &layout, &mut want);

    let (got, partial) = on_the_gpu(rig, case, &tuning, [&q, &k, &v]);
    check(
        &format!("attention {case:?}, {}", rig.name()),
        &got,
        &want,
        F32,
    );
    if split {
        // The merge alone, on what attention left: as many parts as the cache has, each at least `split_min`
        // and a multiple of 4.
        let n_kv = narrow(pos) + 1;
        let even = n_kv.div_ceil(tuning.splits).next_multiple_of(4);
        let n_split = n_kv.div_ceil(even.max(tuning.split_min)) as usize;
        twin::attention_merge(
            &partial,
            n_split,
            tuning.splits as usize,
            head_dim,
            &mut want,
        );
        check(
            &format!("attention_merge {case:?}, {}", rig.name()),
            &got,
            &want,
            F32,
        );
    }
}

/// The result, and what the splits left.
fn on_the_gpu(
    rig: &mut Rig,
    case: &Case,
    tuning: &Attention,
    [q, k, v]: [&[f32]; 3],
) -> (Vec<f32>, Vec<f32>) {
    let Case {
        types,
        n_head,
        head_dim,
        n_token,
        pos,
        ..
    } = *case;
    let n_q = n_head * head_dim;
    let apart = |row: &[f32]| row.iter().copied().chain([f32::NAN; 8]).collect::<Vec<_>>();
    let q: Vec<f32> = q.chunks_exact(n_q).flat_map(apart).collect();
    let shape = shape(case);
    let n_partial = n_token * n_head * tuning.splits as usize * (head_dim + 4);
    let step = Step {
        n_token: narrow(n_token),
        pos: narrow(pos),
        ..Step::default()
    };
    let step = rig.step(step);
    let out = rig.storage(&vec![0.0f32; n_token * (n_q + 4)]);
    let partial = rig.storage(&vec![f32::NAN; n_partial]);
    let split = tuning.splits > 1;
    let bindings = [
        step.clone(),
        rig.storage(&BLOCK_TABLE),
        rig.storage(&q),
        pages(rig, types.0, k),
        pages(rig, types.1, v),
        if split { partial.clone() } else { out.clone() },
    ];
    rig.run(n_token, |rec| {
        ops::attention(rec, &shape, tuning, &bindings);
        if split {
            ops::attention_merge(rec, &shape, tuning, &step, &partial, &out);
        }
    });
    let got = rig.read::<f32>(&out, n_token * (n_q + 4));
    let got = got
        .chunks_exact(n_q + 4)
        .flat_map(|row| &row[..n_q])
        .copied()
        .collect();
    (got, rig.read(&partial, n_partial))
}
