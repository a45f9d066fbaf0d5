// Q6_K: w = (q - 32) * d * scale. A block is 256 weights of 4 bits and two more apart; a signed
// byte of scale for each 16; an f16.
// Twin: crates/reference/src/formats/q6_k.rs

// [n_row, n_block], a run of 32 weights each
@group(0) @binding(1) var<storage, read> w: array<vec4<u32>>;
// [n_row, n_block / 8, 10]: upper bits of 8 runs, 16 scales
@group(0) @binding(2) var<storage, read> w_more: array<vec2<u32>>;
@group(0) @binding(3) var<storage, read> w_scale: array<u32>;  // f16, two to a word

const W_OFFSET: f32 = 32.0;

struct WSide {
    scales: u32,
    d: u32,
}

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    let i = row * (n_block >> 3u) + (b >> 3u);
    let j = b & 7u;
    return WSide(
        w_more[10u * i + 8u + (j >> 2u)][(j >> 1u) & 1u],
        w_scale[half_word(row, b >> 3u, n_block >> 3u)],
    );
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let i = row * (n_block >> 3u) + (b >> 3u);
    let j = b & 7u;
    // Bytes 0 .. 31 have the nibbles of runs 0 and 2, the next ones those of 1 and 3.
    let q = w[8u * i + (j & 4u) + ((j & 1u) << 1u) + ((j >> 1u) & 1u)];
    let high = w_more[10u * i + j];
    let scales = side.scales >> ((j & 1u) << 4u);
    let d = half_of(side.d, b >> 3u);
    let lo = nibbles(q) | (pairs(high) << vec4<u32>(4u));
    let hi = nibbles(q >> vec4<u32>(4u)) | (pairs(high >> vec2<u32>(4u)) << vec4<u32>(4u));
    return WBlock(lo, hi, d * vec4<f32>(unpack4xI8(scales)).xy, vec2<f32>());
}
