// RMSNorm over the last axis:
//   y[t, i] = x[t, i] * weight[i] / sqrt(mean_i(x[t, i]^2) + eps)
// One workgroup per token; each lane strides over the row.
// Twin: crates/reference/src/ops/rms_norm.rs

struct Params {
    n_embd: u32,
    y_stride: u32,   // in vec4
    eps: f32,
    from_logits_row: u32,  // 1: rows of x from step.logits_row on, as the first rows of y
}

struct Step {
    n_token: u32,
    pos: u32,
    logits_row: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;        // [n_token, n_embd / 4]
@group(0) @binding(3) var<storage, read> weight: array<vec4<f32>>;   // [n_embd / 4]
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;  // [n_token, y_stride]

@compute @workgroup_size(WORKGROUP_SIZE)
fn rms_norm(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let n_vec4 = params.n_embd >> 2u;
    let x_0 = (group.x + params.from_logits_row * step.logits_row) * n_vec4;
    var sum_sq = vec4<f32>(0.0);
    for (var i = lane; i < n_vec4; i += WORKGROUP_SIZE) {
        let v = x[x_0 + i];
        sum_sq += v * v;
    }
    let mean_sq = workgroup_sum(dot(sum_sq, vec4<f32>(1.0)), lane) / f32(params.n_embd);
    let scale = 1.0 / sqrt(mean_sq + params.eps);
    for (var i = lane; i < n_vec4; i += WORKGROUP_SIZE) {
        y[group.x * params.y_stride + i] = x[x_0 + i] * scale * weight[i];
    }
}
