// Q4_0: w = (q - 8) * d. A block is 32 weights: 16 bytes of nibbles, the low ones first, and an f16
// scale.
// Planes: crates/reference/src/formats/q4_0.rs

@group(0) @binding(1) var<storage, read> w: array<vec4<u32>>;  // [n_row, n_block]
// [n_row, ceil(n_block / 2)], two f16 each
@group(0) @binding(2) var<storage, read> w_scale: array<u32>;

struct WBlock {
    quants: vec4<u32>,
    scale: f32,
}

fn w_block(row: u32, b: u32, n_block: u32) -> WBlock {
    let scales = w_scale[row * ((n_block + 1u) >> 1u) + (b >> 1u)];
    return WBlock(w[row * n_block + b], unpack2x16float(scales >> ((b & 1u) << 4u)).x);
}

// Weights 4j .. 4j + 3 of the block.
fn w_vec4(block: WBlock, j: u32) -> vec4<f32> {
    let nibbles = (block.quants[j & 3u] >> ((j >> 2u) << 2u)) & 0x0f0f0f0fu;
    return (vec4<f32>(unpack4xI8(nibbles)) - 8.0) * block.scale;
}

// A nibble is masked where it stands and not shifted down: x carries the power of two that this
// leaves.
const NIBBLES = vec4<u32>(0xfu, 0xf00u, 0xf0000u, 0xf000000u);

fn nibbles(word: u32) -> vec4<f32> {
    // Signed: the conversion to f32 is one instruction everywhere, and no mask reaches the sign.
    return vec4<f32>(vec4<i32>(vec4<u32>(word) & NIBBLES));
}

fn w_prepare(x: vec4<f32>) -> vec4<f32> {
    return x * vec4<f32>(1.0, 0x1p-8, 0x1p-16, 0x1p-24);
}

// sum_i w[i] * x[i] over the block; the values of x went through w_prepare, their sum did not.
fn w_dot(block: WBlock, x: XBlock) -> f32 {
    let hi = block.quants >> vec4<u32>(4u);
    var sum = nibbles(block.quants.x) * x.v0;
    sum += nibbles(block.quants.y) * x.v1;
    sum += nibbles(block.quants.z) * x.v2;
    sum += nibbles(block.quants.w) * x.v3;
    sum += nibbles(hi.x) * x.v4;
    sum += nibbles(hi.y) * x.v5;
    sum += nibbles(hi.z) * x.v6;
    sum += nibbles(hi.w) * x.v7;
    return block.scale * (dot(sum, vec4<f32>(1.0)) - 8.0 * x.sum);
}
