// y[t, i] = w[tokens[t], i]
// One workgroup per token; each lane takes whole blocks of 32 weights.
// Twin: crates/reference/src/ops/get_rows.rs

struct Params {
    n_embd: u32,
    n_block: u32,
    row_begin: u32,  // the first row that these planes hold
    n_row: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(5) var<storage, read> tokens: array<u32>;           // [n_token]
@group(0) @binding(6) var<storage, read_write> y: array<vec4<f32>>;    // [n_token, n_embd / 4]

@compute @workgroup_size(WORKGROUP_SIZE)
fn get_rows(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    // Wraps for a row before the first one, and then lies behind the last one.
    let row = tokens[group.x] - params.row_begin;
    if (row >= params.n_row) {
        return;
    }
    let n_vec4 = params.n_embd >> 2u;
    for (var b = lane; b < params.n_block; b += WORKGROUP_SIZE) {
        let block = w_block(row, b, params.n_block);
        for (var j = 0u; j < 8u; j++) {
            let i = 8u * b + j;
            if (i < n_vec4) {
                y[group.x * n_vec4 + i] = w_vec4(block, j);
            }
        }
    }
}
