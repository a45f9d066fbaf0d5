// Q2_K: w = q * d * scale - dmin * min. A block is 256 weights of 2 bits; a scale and a min,
// nibbles of a byte, for each 16; two f16.
// Twin: crates/reference/src/formats/q2_k.rs

// [n_row, n_block], a run of 32 weights each
@group(0) @binding(1) var<storage, read> w: array<vec2<u32>>;
// [n_row, n_block / 8, 5]: 16 bytes of scales, (d, dmin)
@group(0) @binding(2) var<storage, read> w_more: array<u32>;

const W_OFFSET: f32 = 0.0;

struct WSide {
    scales: u32,
    dm: u32,
}

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    let i = row * (n_block >> 3u) + (b >> 3u);
    return WSide(w_more[5u * i + ((b & 7u) >> 1u)], w_more[5u * i + 4u]);
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let j = b & 7u;
    let q = w[row * n_block + b];
    let scales = vec2<u32>(side.scales) >> (vec2<u32>(0u, 8u) + ((j & 1u) << 4u));
    let dm = unpack2x16float(side.dm);
    let scale = dm.x * vec2<f32>(scales & vec2<u32>(15u));
    let minimum = dm.y * vec2<f32>((scales >> vec2<u32>(4u)) & vec2<u32>(15u));
    return WBlock(pairs(q), pairs(q >> vec2<u32>(4u)), scale, -minimum);
}
