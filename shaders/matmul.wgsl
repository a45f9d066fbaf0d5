// y[t, o] = epilogue(sum_i w[o, i] * x[t, i] + bias[o]) for many tokens. A workgroup of LANES_M x
// LANES_N lanes makes a tile of LANES_M * ROWS rows by LANES_N * TILE_N tokens; a lane has every
// LANES_M-th row and every LANES_N-th token of it. The parts joined behind declare x, at binding 6,
// and give `multiply`, which does it all.
// Twin: crates/reference/src/ops/matmul.rs

struct Params {
    n_block: u32,    // blocks of 32 weights per row
    n_out: u32,      // outputs of these planes
    row_begin: u32,  // where they stand in y and bias
    y_stride: u32,
}

struct Step {
    n_token: u32,
    pos: u32,
    logits_row: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(5) var<storage, read> bias: array<f32>;        // [n_out]
@group(0) @binding(7) var<storage, read_write> y: array<f32>;     // [n_token, y_stride]
@group(0) @binding(8) var<uniform> step: Step;

@compute @workgroup_size(WORKGROUP_SIZE)
fn matmul(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let unit_0 = group.y * (LANES_M * UNITS) + lane % LANES_M;
    let token_0 = group.x * (LANES_N * TILE_N) + lane / LANES_M;
    multiply(group, lane, unit_0, token_0);
}

fn finish_token(token: u32, unit_0: u32, lo: vec4<f32>, hi: vec4<f32>) {
    if (token < step.n_token) {
        finish(token * params.y_stride, unit_0, LANES_M, lo, hi);
    }
}
