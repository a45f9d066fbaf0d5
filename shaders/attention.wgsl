// Flash attention over paged K and V, causal, in f32:
//   out[t, h] = sum_s softmax_s(scale * q[t, h] . k[s, h / gqa]) v[s, h / gqa],  s <= pos + t
// A team of LANES_D lanes shares a head, 8 elements each. It takes 4 query rows, a row being
// (token, head of the group), so that K and V are read once for them, over one of SPLITS parts of
// the cache, 4 positions at a time. A workgroup has TEAMS teams; workgroups lie along x over rows
// and splits, along y over KV heads. With SPLITS = 1 the result is final, else each split leaves
// its sum, its greatest score and its weight.
// Twin: crates/reference/src/ops/attention.rs

struct Params {
    n_head: u32,
    n_head_kv: u32,
    q_stride: u32,    // in vec4, from token to token
    out_stride: u32,  // in vec4, from token to token
    scale: f32,
}

struct Step {
    n_token: u32,
    pos: u32,
    logits_row: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> block_table: array<u32>;      // [n_ctx / PAGE]
@group(0) @binding(3) var<storage, read> q: array<vec4<f32>>;          // [n_token, q_stride]
@group(0) @binding(6) var<storage, read_write> out: array<vec4<f32>>;  // [n_token, out_stride]

const N_CHUNK = HEAD_DIM / 8u;
const MASKED = -1e30;

@compute @workgroup_size(WORKGROUP_SIZE)
fn attention(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let d = lane % LANES_D;
    let team = group.x * TEAMS + lane / LANES_D;
    let split = team % SPLITS;
    let gqa = params.n_head / params.n_head_kv;
    let n_row = step.n_token * gqa;
    let row_0 = team / SPLITS * 4u;
    let n_kv = step.pos + step.n_token;
    let per_split = split_length(n_kv);
    let begin = split * per_split;
    let end = min(begin + per_split, n_kv);

    // Parts that hold nothing yet: the whole workgroup leaves.
    let first_split = (group.x * TEAMS) % SPLITS;
    if (first_split * per_split >= n_kv && first_split + TEAMS <= SPLITS) {
        return;
    }

    let rows = min(vec4<u32>(row_0, row_0 + 1u, row_0 + 2u, row_0 + 3u), vec4<u32>(n_row - 1u));
    let visible = min(vec4<u32>(step.pos + 1u) + rows / gqa, vec4<u32>(end));
    let qs = FourRows(
        q_chunk(rows.x, group.y, d), q_chunk(rows.y, group.y, d),
        q_chunk(rows.z, group.y, d), q_chunk(rows.w, group.y, d),
    );

    // As many turns for every lane of the workgroup: what its last row sees, within a split.
    let last_row = min(((group.x * TEAMS + TEAMS - 1u) / SPLITS + 1u) * 4u, n_row) - 1u;
    let n_turn = (min(step.pos + last_row / gqa + 1u, per_split) + 3u) / 4u;
    let zero = Chunk(vec4<f32>(0.0), vec4<f32>(0.0));
    var acc = FourRows(zero, zero, zero, zero);
    var greatest = vec4<f32>(MASKED);
    var weight = vec4<f32>(0.0);
    for (var turn = 0u; turn < n_turn; turn++) {
        let kv = begin + turn * 4u;
        let i0 = kv_chunk(kv, n_kv, group.y, d);
        let i1 = kv_chunk(kv + 1u, n_kv, group.y, d);
        let i2 = kv_chunk(kv + 2u, n_kv, group.y, d);
        let i3 = kv_chunk(kv + 3u, n_kv, group.y, d);
        let s = reduce_scores(
            Scores(
                scores(qs, k_load(i0)), scores(qs, k_load(i1)),
                scores(qs, k_load(i2)), scores(qs, k_load(i3)),
            ),
            lane,
        );
        let s0 = select(vec4<f32>(MASKED), s.at0, vec4<u32>(kv) < visible);
        let s1 = select(vec4<f32>(MASKED), s.at1, vec4<u32>(kv + 1u) < visible);
        let s2 = select(vec4<f32>(MASKED), s.at2, vec4<u32>(kv + 2u) < visible);
        let s3 = select(vec4<f32>(MASKED), s.at3, vec4<u32>(kv + 3u) < visible);
        let top = max(greatest, max(max(s0, s1), max(s2, s3)));
        let fade = exp(greatest - top);
        let p = Scores(exp(s0 - top), exp(s1 - top), exp(s2 - top), exp(s3 - top));
        greatest = top;
        weight = weight * fade + ((p.at0 + p.at1) + (p.at2 + p.at3));
        let v0 = v_load(i0);
        let v1 = v_load(i1);
        let v2 = v_load(i2);
        let v3 = v_load(i3);
        acc = FourRows(
            fold(acc.a, fade.x, vec4<f32>(p.at0.x, p.at1.x, p.at2.x, p.at3.x), v0, v1, v2, v3),
            fold(acc.b, fade.y, vec4<f32>(p.at0.y, p.at1.y, p.at2.y, p.at3.y), v0, v1, v2, v3),
            fold(acc.c, fade.z, vec4<f32>(p.at0.z, p.at1.z, p.at2.z, p.at3.z), v0, v1, v2, v3),
            fold(acc.d, fade.w, vec4<f32>(p.at0.w, p.at1.w, p.at2.w, p.at3.w), v0, v1, v2, v3),
        );
    }
    if (begin < n_kv && d < N_CHUNK) {
        finish(row_0, group.y, split, d, acc.a, greatest.x, weight.x);
        finish(row_0 + 1u, group.y, split, d, acc.b, greatest.y, weight.y);
        finish(row_0 + 2u, group.y, split, d, acc.c, greatest.z, weight.z);
        finish(row_0 + 3u, group.y, split, d, acc.d, greatest.w, weight.w);
    }
}
