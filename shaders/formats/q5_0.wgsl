// Q5_0: w = (q - 16) * d. A block is 32 weights: nibbles as in Q4_0, a word of fifth bits and an
// f16 scale.
// Twin: crates/reference/src/formats/q5_0.rs

@group(0) @binding(1) var<storage, read> w: array<vec4<u32>>;  // [n_row, n_block]
@group(0) @binding(2) var<storage, read> w_high: array<u32>;  // [n_row, n_block]
@group(0) @binding(3) var<storage, read> w_scale: array<u32>;  // f16, two to a word

const W_OFFSET: f32 = 16.0;

alias WSide = u32;

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    return w_scale[half_word(row, b, n_block)];
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let q = w[row * n_block + b];
    let high = w_high[row * n_block + b];
    let d = half_of(side, b);
    let lo = nibbles(q) | (bits_to_bytes(high) << vec4<u32>(4u));
    let hi = nibbles(q >> vec4<u32>(4u)) | (bits_to_bytes(high >> 16u) << vec4<u32>(4u));
    return WBlock(lo, hi, vec2<f32>(d), vec2<f32>());
}
