// Q8_0: w = q * d. A block is 32 weights: 32 signed bytes and an f16 scale.
// Planes: crates/reference/src/formats/q8_0.rs

@group(0) @binding(1) var<storage, read> w: array<vec4<u32>>;  // [n_row, n_block, 2]
// [n_row, ceil(n_block / 2)], two f16 each
@group(0) @binding(2) var<storage, read> w_scale: array<u32>;

struct WBlock {
    lo: vec4<u32>,
    hi: vec4<u32>,
    scale: f32,
}

fn w_block(row: u32, b: u32, n_block: u32) -> WBlock {
    let scales = w_scale[row * ((n_block + 1u) >> 1u) + (b >> 1u)];
    let i = 2u * (row * n_block + b);
    return WBlock(w[i], w[i + 1u], unpack2x16float(scales >> ((b & 1u) << 4u)).x);
}

// Weights 4j .. 4j + 3 of the block.
fn w_vec4(block: WBlock, j: u32) -> vec4<f32> {
    let word = select(block.lo[j & 3u], block.hi[j & 3u], j >= 4u);
    return vec4<f32>(unpack4xI8(word)) * block.scale;
}

fn w_prepare(x: vec4<f32>) -> vec4<f32> {
    return x;
}

// sum_i w[i] * x[i] over the block.
fn w_dot(block: WBlock, x: XBlock) -> f32 {
    var sum = vec4<f32>(unpack4xI8(block.lo.x)) * x.v0;
    sum += vec4<f32>(unpack4xI8(block.lo.y)) * x.v1;
    sum += vec4<f32>(unpack4xI8(block.lo.z)) * x.v2;
    sum += vec4<f32>(unpack4xI8(block.lo.w)) * x.v3;
    sum += vec4<f32>(unpack4xI8(block.hi.x)) * x.v4;
    sum += vec4<f32>(unpack4xI8(block.hi.y)) * x.v5;
    sum += vec4<f32>(unpack4xI8(block.hi.z)) * x.v6;
    sum += vec4<f32>(unpack4xI8(block.hi.w)) * x.v7;
    return block.scale * dot(sum, vec4<f32>(1.0));
}
