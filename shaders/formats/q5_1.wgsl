// Q5_1: w = q * d + m. A block is 32 weights: nibbles as in Q4_1, two f16 and a word of fifth
// bits.
// Twin: crates/reference/src/formats/q5_1.rs

@group(0) @binding(1) var<storage, read> w: array<vec4<u32>>;  // [n_row, n_block]
// [n_row, n_block] of (d, m) and fifth bits
@group(0) @binding(2) var<storage, read> w_side: array<vec2<u32>>;

const W_OFFSET: f32 = 0.0;

fn w_block(row: u32, b: u32, n_block: u32) -> WBlock {
    let q = w[row * n_block + b];
    let side = w_side[row * n_block + b];
    let dm = unpack2x16float(side.x);
    let lo = nibbles(q) | (bits_to_bytes(side.y) << vec4<u32>(4u));
    let hi = nibbles(q >> vec4<u32>(4u)) | (bits_to_bytes(side.y >> 16u) << vec4<u32>(4u));
    return WBlock(lo, hi, dm.xx, dm.yy);
}
