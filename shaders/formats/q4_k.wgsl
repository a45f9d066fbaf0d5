// Q4_K: w = q * d * scale - dmin * min. A block is 256 weights of 4 bits; a scale and a min of 6
// bits for each 32; two f16.
// Twin: crates/reference/src/formats/q4_k.rs

// [n_row, n_block], a run of 32 weights each
@group(0) @binding(1) var<storage, read> w: array<vec4<u32>>;
// [n_row, n_block / 8]: (d, dmin), 12 bytes of scales
@group(0) @binding(2) var<storage, read> w_more: array<vec4<u32>>;

const W_OFFSET: f32 = 0.0;

alias WSide = vec4<u32>;

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    return w_more[row * (n_block >> 3u) + (b >> 3u)];
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let q = w[row * n_block + b];
    let dm = unpack2x16float(side.x) * scale_min(side.yzw, b & 7u);
    return WBlock(nibbles(q), nibbles(q >> vec4<u32>(4u)), dm.xx, -dm.yy);
}
