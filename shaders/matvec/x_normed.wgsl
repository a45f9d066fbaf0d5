// x goes through an RMSNorm on its way: its weight on each load, its scale once on the sums. Every
// workgroup squares x for itself, which is less than a dispatch before it: on lavapipe neither wins
// (decode of the 135M shape in Q4_0, 12 pairs: 1.00), a GPU saves the wait. Rows are whole blocks.
// Twin: crates/reference/src/ops/rms_norm.rs

@group(0) @binding(8) var<storage, read> norm: array<vec4<f32>>;  // [n_block * 8]

var<private> squares: vec4<f32> = vec4<f32>(0.0);

fn x_vec4(i: u32) -> vec4<f32> {
    let v = x[i];
    squares += v * v;
    return v * norm[i];
}

fn x_scale(lane: u32) -> f32 {
    let sum_sq = x_total(dot(squares, vec4<f32>(1.0)), lane);
    return 1.0 / sqrt(sum_sq / f32(params.n_block * 32u) + params.eps);
}
