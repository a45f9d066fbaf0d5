// Q4_0: w = (q - 8) * d. A block is 32 weights: 16 bytes of nibbles, the low ones first, and an
// f16 scale.
// Twin: crates/reference/src/formats/q4_0.rs

@group(0) @binding(1) var<storage, read> w: array<vec4<u32>>;  // [n_row, n_block]
@group(0) @binding(3) var<storage, read> w_scale: array<u32>;  // f16, two to a word

const W_OFFSET: f32 = 8.0;

alias WSide = u32;

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    return w_scale[half_word(row, b, n_block)];
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let q = w[row * n_block + b];
    let d = half_of(side, b);
    return WBlock(nibbles(q), nibbles(q >> vec4<u32>(4u)), vec2<f32>(d), vec2<f32>());
}
