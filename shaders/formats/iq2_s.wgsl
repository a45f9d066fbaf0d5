// IQ2_S: w = grid * sign * d * (scale + 1/2) / 4. A block is 256 weights: for each 8 an index of
// 8 bits and two more apart, and eight signs, for each 16 a nibble of scale; an f16.
// Twin: crates/reference/src/formats/iq2_s.rs

// [n_row, n_block / 8, 16]: indices of 8 runs, signs
@group(0) @binding(1) var<storage, read> w: array<u32>;
// [n_row, n_block / 8, 4]: a byte of upper bits, of scales
@group(0) @binding(2) var<storage, read> w_more: array<u32>;
@group(0) @binding(3) var<storage, read> w_scale: array<u32>;  // f16, two to a word

struct WSide {
    high: u32,
    scales: u32,
    d: u32,
}

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    let i = row * (n_block >> 3u) + (b >> 3u);
    let half = (b & 7u) >> 2u;
    return WSide(
        w_more[4u * i + half],
        w_more[4u * i + 2u + half],
        w_scale[half_word(row, b >> 3u, n_block >> 3u)],
    );
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let i = row * (n_block >> 3u) + (b >> 3u);
    let j = b & 7u;
    let q = w[16u * i + j];
    let signs = w[16u * i + 8u + j];
    let high = byte_of(side.high, j);
    let scales = byte_of(side.scales, j);
    let upper = (vec4<u32>(high) << vec4<u32>(8u, 6u, 4u, 2u)) & vec4<u32>(0x300u);
    let index = ((vec4<u32>(q) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(0xffu)) | upper;
    let d = half_of(side.d, b >> 3u);
    let lo = vec4<u32>(grid_8(index.x), grid_8(index.y));
    let hi = vec4<u32>(grid_8(index.z), grid_8(index.w));
    return WBlock(
        signed_bytes(lo, bits_to_bytes(signs)),
        signed_bytes(hi, bits_to_bytes(signs >> 16u)),
        d * (0.5 + vec2<f32>(vec2<u32>(scales & 15u, scales >> 4u))) * 0.25,
    );
}
