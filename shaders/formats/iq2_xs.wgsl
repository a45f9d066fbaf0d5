// IQ2_XS: w = grid * sign * d * (scale + 1/2) / 4. A block is 256 weights: for each 8 a 9-bit
// index and seven signs, for each 16 a nibble of scale; an f16.
// Twin: crates/reference/src/formats/iq2_xs.rs

@group(0) @binding(1) var<storage, read> w: array<vec2<u32>>;  // [n_row, n_block]
// [n_row, n_block / 8, 2]: 8 pairs of scales
@group(0) @binding(2) var<storage, read> w_more: array<u32>;
@group(0) @binding(3) var<storage, read> w_scale: array<u32>;  // f16, two to a word

struct WSide {
    scales: u32,
    d: u32,
}

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    let i = row * (n_block >> 3u) + (b >> 3u);
    return WSide(
        w_more[2u * i + ((b & 7u) >> 2u)],
        w_scale[half_word(row, b >> 3u, n_block >> 3u)],
    );
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let q = w[row * n_block + b];
    let index = vec4<u32>(q.x, q.x >> 16u, q.y, q.y >> 16u) & vec4<u32>(511u);
    let scales = byte_of(side.scales, b);
    let d = half_of(side.d, b >> 3u);
    let lo = vec4<u32>(grid_8(index.x), grid_8(index.y));
    let hi = vec4<u32>(grid_8(index.z), grid_8(index.w));
    return WBlock(
        signed_bytes(lo, bits_to_bytes(even_signs(q.x >> 9u, q.x >> 25u))),
        signed_bytes(hi, bits_to_bytes(even_signs(q.y >> 9u, q.y >> 25u))),
        d * (0.5 + vec2<f32>(vec2<u32>(scales & 15u, scales >> 4u))) * 0.25,
    );
}
