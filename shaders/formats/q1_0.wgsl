// Q1_0: w = (q - 1/2) * 2 d. A block is 128 weights of 1 bit and an f16.
// Twin: crates/reference/src/formats/q1_0.rs

@group(0) @binding(1) var<storage, read> w: array<u32>;  // [n_row, n_block]
@group(0) @binding(3) var<storage, read> w_scale: array<u32>;  // f16, two to a word

const W_OFFSET: f32 = 0.5;

alias WSide = u32;

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    return w_scale[half_word(row, b >> 2u, n_block >> 2u)];
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let q = w[row * n_block + b];
    let d = half_of(side, b >> 2u);
    return WBlock(bits_to_bytes(q), bits_to_bytes(q >> 16u), vec2<f32>(2.0 * d), vec2<f32>());
}
