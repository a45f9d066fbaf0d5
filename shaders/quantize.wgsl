// q[t, b] = block b of x[t] as int8, with its scale and the sums of its halves: once for all rows
// of weights that meet it. A lane has a block.
// Twin: crates/reference/src/ops/quantize.rs

struct Params {
    n_block: u32,  // blocks of 32 values per row
}

struct Step {
    n_token: u32,
    pos: u32,
    logits_row: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;        // [n_token, n_block * 8]
@group(0) @binding(3) var<storage, read_write> q: array<vec4<u32>>;  // [n_token, n_block * 3]

@compute @workgroup_size(WORKGROUP_SIZE)
fn quantize(@builtin(global_invocation_id) id: vec3<u32>) {
    let i = id.x;
    if (i >= step.n_token * params.n_block) {
        return;
    }
    let x_0 = 8u * i;
    let block = x_quantized(
        x[x_0], x[x_0 + 1u], x[x_0 + 2u], x[x_0 + 3u],
        x[x_0 + 4u], x[x_0 + 5u], x[x_0 + 6u], x[x_0 + 7u],
    );
    q[3u * i] = block.lo;
    q[3u * i + 1u] = block.hi;
    q[3u * i + 2u] = bitcast<vec4<u32>>(vec4<f32>(block.scale, block.sums, 0.0));
}
