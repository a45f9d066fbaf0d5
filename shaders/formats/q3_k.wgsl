// Q3_K: w = (q - 4) * d * (scale - 32). A block is 256 weights of 2 bits and a third one apart;
// for each 16 a scale of 6 bits, the upper two apart; an f16.
// Twin: crates/reference/src/formats/q3_k.rs

// [n_row, n_block], a run of 32 weights each
@group(0) @binding(1) var<storage, read> w: array<vec2<u32>>;
// [n_row, n_block / 8, 11]: third bits of 8 runs, 12 bytes of scales
@group(0) @binding(2) var<storage, read> w_more: array<u32>;
@group(0) @binding(3) var<storage, read> w_scale: array<u32>;  // f16, two to a word

const W_OFFSET: f32 = 4.0;

struct WSide {
    four: u32,
    two: u32,
    d: u32,
}

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    let i = row * (n_block >> 3u) + (b >> 3u);
    return WSide(
        w_more[11u * i + 8u + ((b >> 1u) & 1u)],
        w_more[11u * i + 10u],
        w_scale[half_word(row, b >> 3u, n_block >> 3u)],
    );
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let i = row * (n_block >> 3u) + (b >> 3u);
    let j = b & 7u;
    let q = w[row * n_block + b];
    let high = w_more[11u * i + j];
    let shift = (j & 1u) << 4u;
    let four = side.four >> (((j >> 2u) << 2u) + shift);
    let two = side.two >> (((j >> 1u) << 1u) + shift);
    let six = vec2<u32>((four & 0x0f0fu) | ((two & 0x0303u) << 4u)) >> vec2<u32>(0u, 8u);
    let d = half_of(side.d, b >> 3u);
    let lo = pairs(q) | (low_bits(high) << vec4<u32>(2u));
    let hi = pairs(q >> vec2<u32>(4u)) | (low_bits(high >> 4u) << vec4<u32>(2u));
    return WBlock(lo, hi, d * (vec2<f32>(six & vec2<u32>(63u)) - 32.0), vec2<f32>());
}
