// Joins what the splits of `attention` left: a mean of their sums, weighted by exp(greatest score)
// and weight. One workgroup per (token, head); lanes over the head's elements.
// Twin: crates/reference/src/ops/attention_merge.rs

struct Params {
    n_head: u32,
    out_stride: u32,  // in vec4, from token to token
}

struct Step {
    n_token: u32,
    pos: u32,
    logits_row: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> partial: array<vec4<f32>>;    // [.., SPLITS, ROW]
@group(0) @binding(3) var<storage, read_write> out: array<vec4<f32>>;  // [n_token, out_stride]

const ROW = HEAD_DIM / 4u + 1u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn attention_merge(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let n_kv = step.pos + step.n_token;
    let per_split = split_length(n_kv);
    let n_split = (n_kv + per_split - 1u) / per_split;
    let row_0 = group.x * SPLITS * ROW;
    var greatest = partial[row_0 + ROW - 1u].x;
    for (var s = 1u; s < n_split; s++) {
        greatest = max(greatest, partial[row_0 + s * ROW + ROW - 1u].x);
    }
    let token = group.x / params.n_head;
    let head = group.x % params.n_head;
    let at = token * params.out_stride + head * (HEAD_DIM / 4u);
    for (var i = lane; i < HEAD_DIM / 4u; i += WORKGROUP_SIZE) {
        var sum = vec4<f32>(0.0);
        var weight = 0.0;
        for (var s = 0u; s < n_split; s++) {
            let tail = partial[row_0 + s * ROW + ROW - 1u];
            let share = exp(tail.x - greatest);
            sum += share * partial[row_0 + s * ROW + i];
            weight += share * tail.y;
        }
        out[at + i] = sum / weight;
    }
}
