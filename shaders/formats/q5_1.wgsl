// Q5_1: w = q * d + m. A block is 32 weights: nibbles as in Q4_1, two f16 and a word of fifth
// bits.
// Twin: crates/reference/src/formats/q5_1.rs

@group(0) @binding(1) var<storage, read> w: array<vec4<u32>>;  // [n_row, n_block]
// [n_row, n_block] of (d, m) and fifth bits
@group(0) @binding(2) var<storage, read> w_more: array<vec2<u32>>;

const W_OFFSET: f32 = 0.0;

alias WSide = u32;

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    return 0u;
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let q = w[row * n_block + b];
    let more = w_more[row * n_block + b];
    let dm = unpack2x16float(more.x);
    let lo = nibbles(q) | (bits_to_bytes(more.y) << vec4<u32>(4u));
    let hi = nibbles(q >> vec4<u32>(4u)) | (bits_to_bytes(more.y >> 16u) << vec4<u32>(4u));
    return WBlock(lo, hi, dm.xx, dm.yy);
}
