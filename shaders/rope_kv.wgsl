// Rotates q in place, and k on its way into its page; v goes into its page as it is.
//   (a, b) = (x[2i], x[2i + 1]),  i < n_rot / 2
//   x'[2i] = a cos - b sin;  x'[2i + 1] = a sin + b cos
// One lane per pair of elements of the row [q | k | v].
// Twin: crates/reference/src/ops/rope_kv.rs

struct Params {
    n_head: u32,
    n_head_kv: u32,
    head_dim: u32,
    n_rot: u32,
}

struct Step {
    n_token: u32,
    pos: u32,
    logits_row: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> block_table: array<u32>;        // [n_ctx / PAGE]
@group(0) @binding(3) var<storage, read> rope: array<vec2<f32>>;         // [n_ctx, n_rot / 2]
@group(0) @binding(4) var<storage, read_write> qkv: array<vec2<f32>>;    // [n_token, pairs]

@compute @workgroup_size(WORKGROUP_SIZE)
fn rope_kv(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let half_dim = params.head_dim >> 1u;
    let n_pair = (params.n_head + 2u * params.n_head_kv) * half_dim;
    let i = group.x * WORKGROUP_SIZE + lane;
    let t = i / n_pair;
    if (t >= step.n_token) {
        return;
    }
    let head = (i % n_pair) / half_dim;
    let pair = (i % n_pair) % half_dim;
    let pos = step.pos + t;
    var value = qkv[i];
    if (pair < (params.n_rot >> 1u) && head < params.n_head + params.n_head_kv) {
        let turn = rope[pos * (params.n_rot >> 1u) + pair];
        value = vec2<f32>(value.x * turn.x - value.y * turn.y, value.x * turn.y + value.y * turn.x);
    }
    if (head < params.n_head) {
        qkv[i] = value;
        return;
    }
    let kv_head = (head - params.n_head) % params.n_head_kv;
    let row = (block_table[pos / PAGE] * params.n_head_kv + kv_head) * PAGE + pos % PAGE;
    if (head < params.n_head + params.n_head_kv) {
        k_store(row * half_dim + pair, value);
    } else {
        v_store(row * half_dim + pair, value);
    }
}
