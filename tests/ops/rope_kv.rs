//! `rope_kv`: q rotated in place, k and v in their pages.

use ggweb_gpu::ops::{self, KvType, Step};
use ggweb_reference::ops as twin;
use ggweb_tests::gpu::{Rig, narrow};
use ggweb_tests::noise;

use crate::cache::{BLOCK_TABLE, N_CTX, N_PAGE, PAGE, TYPES, pages, read_pages, storage};
use crate::{EXACT, F32, check};

/// A fused multiply-add may tip a value to the neighbouring f16; values cut off instead of rounded would give 1e-7.
const F16_STORED: f64 = 1e-8;

#[test]
fn rope_kv_agrees_with_its_twin() {
    for mut rig in Rig::every("ops: rope_kv") {
        for types in TYPES {
            for (n_head, n_head_kv, head_dim, n_rot) in [
                (1, 1, 8, 8),
                (8, 4, 8, 8),
                (6, 2, 40, 20),
                (4, 1, 64, 64),
                (3, 3, 256, 256),
            ] {
                for (n_token, pos) in [(1, 0), (1, 17), (7, 12), (33, 0), (40, 40)] {
                    let case = Case {
                        types,
                        n_head,
                        n_head_kv,
                        head_dim,
                        n_rot,
                        n_token,
                        pos,
                    };
                    rope_kv(&mut rig, &case);
                }
            }
        }
    }
}

#[derive(Debug)]
struct Case {
    types: (KvType, KvType),
    n_head: usize,
    n_head_kv: usize,
    head_dim: usize,
    n_rot: usize,
    n_token: usize,
    pos: usize,
}

/// What is in the three buffers afterwards.
struct Outcome {
    qkv: Vec<f32>,
    k: Vec<f32>,
    v: Vec<f32>,
}

fn rope_kv(rig: &mut Rig, case: &Case) {
    let angles = twin::RopeAngles {
        n_rot: case.n_rot,
        freq_base: 1e4,
        freq_scale: 1.0,
        freq_factors: None,
    };
    let table = twin::rope_table(&angles, N_CTX);
    let row = (case.n_head + 2 * case.n_head_kv) * case.head_dim;
    let qkv = noise::f32s(10, case.n_token * row);
    let want = on_the_cpu(case, &table, &qkv);
    let got = on_the_gpu(rig, case, &table, &qkv);

    let name = format!("{case:?}, {}", rig.name());
    let n_q = case.n_head * case.head_dim;
    let q = |rows: &[f32]| -> Vec<f32> {
        rows.chunks_exact(row)
            .flat_map(|row| &row[..n_q])
            .copied()
            .collect()
    };
    check(&format!("q of {name}"), &q(&got.qkv), &q(&want.qkv), F32);
    let k_tolerance = if case.types.0 == KvType::F16 {
        F16_STORED
    } else {
        F32
    };
    check(&format!("k of {name}"), &got.k, &want.k, k_tolerance);
    check(&format!("v of {name}"), &got.v, &want.v, EXACT);
}

fn n_pool(case: &Case) -> usize {
    N_PAGE * case.n_head_kv * PAGE * case.head_dim
}

fn on_the_cpu(case: &Case, table: &[f32], qkv: &[f32]) -> Outcome {
    let params = twin::RopeKv {
        n_head: case.n_head,
        n_rot: case.n_rot,
        layout: twin::KvLayout {
            page_size: PAGE,
            n_head_kv: case.n_head_kv,
            head_dim: case.head_dim,
        },
        k_storage: storage(case.types.0),
        v_storage: storage(case.types.1),
    };
    let pos: Vec<u32> = (case.pos..case.pos + case.n_token).map(narrow).collect();
    let mut outcome = Outcome {
        qkv: qkv.to_vec(),
        k: vec![0.0; n_pool(case)],
        v: vec![0.0; n_pool(case)],
    };
    let Outcome { qkv, k, v } = &mut outcome;
    twin::rope_kv(&params, &pos, &BLOCK_TABLE, table, qkv, k, v);
    outcome
}

fn on_the_gpu(rig: &mut Rig, case: &Case, table: &[f32], qkv: &[f32]) -> Outcome {
    let step = Step {
        n_token: narrow(case.n_token),
        pos: narrow(case.pos),
        ..Step::default()
    };
    let zeros = vec![0.0; n_pool(case)];
    let n_qkv = qkv.len();
    let (step, rope, qkv) = (rig.step(step), rig.storage(table), rig.storage(qkv));
    let block_table = rig.storage(&BLOCK_TABLE);
    let k_pages = pages(rig, case.types.0, &zeros);
    let v_pages = pages(rig, case.types.1, &zeros);
    let op = ops::RopeKv {
        n_head: narrow(case.n_head),
        n_head_kv: narrow(case.n_head_kv),
        head_dim: narrow(case.head_dim),
        n_rot: narrow(case.n_rot),
        page: narrow(PAGE),
        types: case.types,
        step: &step,
        block_table: &block_table,
        rope: &rope,
        qkv: &qkv,
        k_pages: &k_pages,
        v_pages: &v_pages,
    };
    rig.run(case.n_token, |rec| ops::rope_kv(rec, &op));
    Outcome {
        qkv: rig.read(&qkv, n_qkv),
        k: read_pages(rig, case.types.0, &k_pages, zeros.len()),
        v: read_pages(rig, case.types.1, &v_pages, zeros.len()),
    }
}
