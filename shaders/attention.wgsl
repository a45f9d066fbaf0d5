// Flash attention over paged K and V, causal, in f32:
//   out[t, h] = sum_s softmax_s(scale * q[t, h] . k[s, h / gqa]) v[s, h / gqa],  s <= pos + t
// A team of LANES_D lanes shares the head's elements in chunks of 8. It takes ROWS query rows, a row being (token, head
// of the group), so that K and V are read once for them, over one of SPLITS parts of the cache, STEP positions at a
// time. A workgroup has TEAMS teams; workgroups lie along x over rows and splits, along y over KV heads.
// With SPLITS = 1 the result is final, else each split leaves its sum, its greatest score and its weight.
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
@group(0) @binding(6) var<storage, read_write> out: array<vec4<f32>>;  // [n_token, out_stride], or partials

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
    let row_0 = team / SPLITS * ROWS;
    let n_kv = step.pos + step.n_token;
    let per_split = split_length(n_kv);
    let begin = split * per_split;
    let end = min(begin + per_split, n_kv);

    var q_row: array<vec4<f32>, ROWS * CHUNKS * 2u>;
    var visible: array<u32, ROWS>;
    for (var r = 0u; r < ROWS; r++) {
        let row = min(row_0 + r, n_row - 1u);
        visible[r] = min(step.pos + row / gqa + 1u, end);
        let head = group.y * gqa + row % gqa;
        let at = (row / gqa) * params.q_stride + head * (HEAD_DIM / 4u);
        for (var c = 0u; c < CHUNKS; c++) {
            let chunk = d + c * LANES_D;
            if (chunk < N_CHUNK) {
                q_row[(r * CHUNKS + c) * 2u] = q[at + 2u * chunk] * params.scale;
                q_row[(r * CHUNKS + c) * 2u + 1u] = q[at + 2u * chunk + 1u] * params.scale;
            }
        }
    }

    // The same number of turns for every lane of the workgroup: what its last row sees, within a split.
    let last_row = min(((group.x * TEAMS + TEAMS - 1u) / SPLITS + 1u) * ROWS, n_row) - 1u;
    let n_turn = (min(step.pos + last_row / gqa + 1u, per_split) + STEP - 1u) / STEP;
    var acc: array<vec4<f32>, ROWS * CHUNKS * 2u>;
    var greatest: array<f32, ROWS>;
    var weight: array<f32, ROWS>;
    for (var r = 0u; r < ROWS; r++) {
        greatest[r] = MASKED;
    }
    for (var turn = 0u; turn < n_turn; turn++) {
        let kv_0 = begin + turn * STEP;
        var score: array<f32, ROWS * STEP>;
        var chunk_0: array<u32, STEP>;
        for (var s = 0u; s < STEP; s++) {
            let kv = min(kv_0 + s, n_kv - 1u);
            let page_row = (block_table[kv / PAGE] * params.n_head_kv + group.y) * PAGE + kv % PAGE;
            chunk_0[s] = page_row * N_CHUNK;
            for (var c = 0u; c < CHUNKS; c++) {
                let k = k_load(chunk_0[s] + min(d + c * LANES_D, N_CHUNK - 1u));
                for (var r = 0u; r < ROWS; r++) {
                    let i = (r * CHUNKS + c) * 2u;
                    score[r * STEP + s] += dot(q_row[i], k[0]) + dot(q_row[i + 1u], k[1]);
                }
            }
        }
        reduce_scores(&score, lane);
        for (var r = 0u; r < ROWS; r++) {
            var top = greatest[r];
            for (var s = 0u; s < STEP; s++) {
                score[r * STEP + s] = select(MASKED, score[r * STEP + s], kv_0 + s < visible[r]);
                top = max(top, score[r * STEP + s]);
            }
            let fade = exp(greatest[r] - top);
            greatest[r] = top;
            weight[r] *= fade;
            for (var s = 0u; s < STEP; s++) {
                score[r * STEP + s] = exp(score[r * STEP + s] - top);
                weight[r] += score[r * STEP + s];
            }
            for (var c = 0u; c < CHUNKS * 2u; c++) {
                acc[r * CHUNKS * 2u + c] *= fade;
            }
        }
        for (var s = 0u; s < STEP; s++) {
            for (var c = 0u; c < CHUNKS; c++) {
                let v = v_load(chunk_0[s] + min(d + c * LANES_D, N_CHUNK - 1u));
                for (var r = 0u; r < ROWS; r++) {
                    let i = (r * CHUNKS + c) * 2u;
                    acc[i] += score[r * STEP + s] * v[0];
                    acc[i + 1u] += score[r * STEP + s] * v[1];
                }
            }
        }
    }

    for (var r = 0u; r < ROWS; r++) {
        let row = row_0 + r;
        if (row >= n_row || begin >= n_kv) {
            continue;
        }
        let head = group.y * gqa + row % gqa;
        var at = (row / gqa) * params.out_stride + head * (HEAD_DIM / 4u);
        var share = 1.0 / weight[r];
        if (SPLITS > 1u) {
            at = (((row / gqa) * params.n_head + head) * SPLITS + split) * (HEAD_DIM / 4u + 1u);
            share = 1.0;
            if (d == 0u) {
                out[at + HEAD_DIM / 4u] = vec4<f32>(greatest[r], weight[r], 0.0, 0.0);
            }
        }
        for (var c = 0u; c < CHUNKS; c++) {
            let chunk = d + c * LANES_D;
            if (chunk < N_CHUNK) {
                out[at + 2u * chunk] = acc[(r * CHUNKS + c) * 2u] * share;
                out[at + 2u * chunk + 1u] = acc[(r * CHUNKS + c) * 2u + 1u] * share;
            }
        }
    }
}
