// Q8_0: w = q * d. A block is 32 weights: 32 signed bytes and an f16 scale.
// Twin: crates/reference/src/formats/q8_0.rs

@group(0) @binding(1) var<storage, read> w: array<vec4<u32>>;  // [n_row, n_block, 2]
@group(0) @binding(3) var<storage, read> w_scale: array<u32>;  // f16, two to a word

alias WSide = u32;

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    return w_scale[half_word(row, b, n_block)];
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let i = 2u * (row * n_block + b);
    return WBlock(w[i], w[i + 1u], vec2<f32>(half_of(side, b)));
}
