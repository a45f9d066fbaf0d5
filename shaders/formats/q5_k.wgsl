// Q5_K: w = q * d * scale - dmin * min. A block is 256 weights of 4 bits and a fifth one apart;
// scales as in Q4_K.
// Twin: crates/reference/src/formats/q5_k.rs

// [n_row, n_block], a run of 32 weights each
@group(0) @binding(1) var<storage, read> w: array<vec4<u32>>;
// [n_row, n_block / 8, 3]: (d, dmin), scales; fifth bits of 8 runs
@group(0) @binding(2) var<storage, read> w_more: array<vec4<u32>>;

const W_OFFSET: f32 = 0.0;

alias WSide = vec4<u32>;

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    return w_more[3u * (row * (n_block >> 3u) + (b >> 3u))];
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let i = row * (n_block >> 3u) + (b >> 3u);
    let j = b & 7u;
    let q = w[row * n_block + b];
    let high = w_more[3u * i + 1u + (j >> 2u)][j & 3u];
    let dm = unpack2x16float(side.x) * scale_min(side.yzw, j);
    let lo = nibbles(q) | (low_bits(high) << vec4<u32>(4u));
    let hi = nibbles(q >> vec4<u32>(4u)) | (low_bits(high >> 4u) << vec4<u32>(4u));
    return WBlock(lo, hi, dm.xx, -dm.yy);
}
