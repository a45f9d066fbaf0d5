// IQ4_XS: w = value(q) * d * (scale - 32). A block is 256 weights of 4 bits; a scale of 6 bits
// for each 32, the upper two apart; an f16.
// Twin: crates/reference/src/formats/iq4_xs.rs

@group(0) @binding(1) var<storage, read> w: array<vec4<u32>>;  // [n_row, n_block]
// [n_row, n_block / 8]: d and 8 pairs of bits, 8 nibbles
@group(0) @binding(2) var<storage, read> w_more: array<vec2<u32>>;

alias WSide = vec2<u32>;

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    return w_more[row * (n_block >> 3u) + (b >> 3u)];
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let q = iq4(w[row * n_block + b]);
    let j = b & 7u;
    let scale = ((side.y >> (4u * j)) & 15u) | (((side.x >> (16u + 2u * j)) & 3u) << 4u);
    let d = unpack2x16float(side.x).x * (f32(scale) - 32.0);
    return WBlock(q.lo, q.hi, vec2<f32>(d));
}
