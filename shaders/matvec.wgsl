// y[o] = epilogue(sum_i w[o, i] * x[i] + bias[o]) for one token.
// LANES_K lanes share a row's blocks; each lane takes ROWS rows, so that one load of x serves them all;
// a workgroup has LANES_ROW such teams. The epilogue makes UNITS outputs of ROWS rows.
// Twin: crates/reference/src/ops/matmul.rs

struct Params {
    n_block: u32,    // blocks of 32 weights per row
    n_out: u32,      // outputs of these planes
    row_begin: u32,  // where they stand in y and bias
    y_stride: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(3) var<storage, read> bias: array<f32>;        // [n_out]
@group(0) @binding(4) var<storage, read> x: array<vec4<f32>>;     // [n_block * 8]
@group(0) @binding(5) var<storage, read_write> y: array<f32>;     // [n_out]

@compute @workgroup_size(WORKGROUP_SIZE)
fn matvec(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) n_group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let unit_0 = ((group.x + group.y * n_group.x) * LANES_ROW + lane / LANES_K) * UNITS;
    var acc: array<f32, ROWS>;
    var xs: array<vec4<f32>, 8>;
    for (var b = lane % LANES_K; b < params.n_block; b += LANES_K) {
        let sum_x = x_load(b, lane, &xs);
        for (var r = 0u; r < ROWS; r++) {
            let row = weight_row(unit_0, 1u, r);
            acc[r] += w_dot(w_block(row, b, params.n_block), &xs, sum_x);
        }
    }
    reduce_rows(&acc, lane);
    if (lane % LANES_K == 0u) {
        for (var u = 0u; u < UNITS; u++) {
            if (unit_0 + u < params.n_out) {
                finish(0u, unit_0 + u, acc[u], acc[ROWS - UNITS + u]);
            }
        }
    }
}
