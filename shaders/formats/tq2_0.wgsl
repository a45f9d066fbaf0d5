// TQ2_0: w = (q - 1) * d. A block is 256 weights of 2 bits and an f16.
// Twin: crates/reference/src/formats/tq2_0.rs

// [n_row, n_block], a run of 32 weights each
@group(0) @binding(1) var<storage, read> w: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read> w_scale: array<u32>;  // f16, two to a word

const W_OFFSET: f32 = 1.0;

alias WSide = u32;

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    return w_scale[half_word(row, b >> 3u, n_block >> 3u)];
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let q = w[row * n_block + b];
    let d = half_of(side, b >> 3u);
    return WBlock(pairs(q), pairs(q >> vec2<u32>(4u)), vec2<f32>(d), vec2<f32>());
}
