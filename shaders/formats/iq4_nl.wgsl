// IQ4_NL: w = value(q) * d. A block is as in Q4_0.
// Twin: crates/reference/src/formats/iq4_nl.rs

@group(0) @binding(1) var<storage, read> w: array<vec4<u32>>;  // [n_row, n_block]
@group(0) @binding(3) var<storage, read> w_scale: array<u32>;  // f16, two to a word

alias WSide = u32;

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    return w_scale[half_word(row, b, n_block)];
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let q = iq4(w[row * n_block + b]);
    return WBlock(q.lo, q.hi, vec2<f32>(half_of(side, b)));
}
