// y[t, o] = epilogue(sum_i w[o, i] * x[t, i] + bias[o]) for many tokens.
// A workgroup of LANES_M x LANES_N lanes makes a tile of LANES_M * TILE_M rows by LANES_N * TILE_N tokens; a lane
// has every LANES_M-th row and every LANES_N-th token of it. The part joined behind gives `multiply_block`.
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
@group(0) @binding(3) var<storage, read> bias: array<f32>;        // [n_out]
@group(0) @binding(4) var<storage, read> x: array<vec4<f32>>;     // [n_token, n_block * 8]
@group(0) @binding(5) var<storage, read_write> y: array<f32>;     // [n_token, y_stride]
@group(0) @binding(6) var<uniform> step: Step;

@compute @workgroup_size(WORKGROUP_SIZE)
fn matmul(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let unit_0 = group.y * (LANES_M * UNITS) + lane % LANES_M;
    let token_0 = group.x * (LANES_N * TILE_N) + lane / LANES_M;
    var acc: array<f32, TILE_M * TILE_N>;
    for (var b = 0u; b < params.n_block; b++) {
        multiply_block(b, group, lane, &acc);
    }
    for (var n = 0u; n < TILE_N; n++) {
        let token = token_0 + n * LANES_N;
        for (var u = 0u; u < UNITS; u++) {
            let unit = unit_0 + u * LANES_M;
            if (token < step.n_token && unit < params.n_out) {
                finish(token * params.y_stride, unit, acc[n * TILE_M + u], acc[n * TILE_M + TILE_M - UNITS + u]);
            }
        }
    }
}
