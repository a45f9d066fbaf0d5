// F16 read as packed halves: the base tier. Rows are padded with zeros to whole blocks of 32
// weights.
// Planes: crates/reference/src/formats/f16.rs

@group(0) @binding(1) var<storage, read> w: array<vec2<u32>>;  // [n_row, n_block, 8]

struct WBlock {
    first: u32,
}

fn w_block(row: u32, b: u32, n_block: u32) -> WBlock {
    return WBlock(8u * (row * n_block + b));
}

// Weights 4j .. 4j + 3 of the block.
fn w_vec4(block: WBlock, j: u32) -> vec4<f32> {
    let halves = w[block.first + j];
    return vec4<f32>(unpack2x16float(halves.x), unpack2x16float(halves.y));
}

fn w_prepare(x: vec4<f32>) -> vec4<f32> {
    return x;
}

// sum_i w[i] * x[i] over the block.
fn w_dot(block: WBlock, x: XBlock) -> f32 {
    var sum = w_vec4(block, 0u) * x.v0;
    sum += w_vec4(block, 1u) * x.v1;
    sum += w_vec4(block, 2u) * x.v2;
    sum += w_vec4(block, 3u) * x.v3;
    sum += w_vec4(block, 4u) * x.v4;
    sum += w_vec4(block, 5u) * x.v5;
    sum += w_vec4(block, 6u) * x.v6;
    sum += w_vec4(block, 7u) * x.v7;
    return dot(sum, vec4<f32>(1.0));
}
