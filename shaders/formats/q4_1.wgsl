// Q4_1: w = q * d + m. A block is 32 weights: 16 bytes of nibbles, the low ones first, and two
// f16.
// Twin: crates/reference/src/formats/q4_1.rs

@group(0) @binding(1) var<storage, read> w: array<vec4<u32>>;  // [n_row, n_block]
@group(0) @binding(2) var<storage, read> w_scale: array<u32>;  // [n_row, n_block] of d and m

const W_OFFSET: f32 = 0.0;

alias WSide = u32;

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    return 0u;
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let q = w[row * n_block + b];
    let dm = unpack2x16float(w_scale[row * n_block + b]);
    return WBlock(nibbles(q), nibbles(q >> vec4<u32>(4u)), dm.xx, dm.yy);
}
