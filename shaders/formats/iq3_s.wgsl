// IQ3_S: w = grid * sign * d * (2 scale + 1). A block is 256 weights: for each 4 an index of 8
// bits and a ninth apart, and four signs, for each 32 a nibble of scale; an f16.
// Twin: crates/reference/src/formats/iq3_s.rs

@group(0) @binding(1) var<storage, read> w: array<vec2<u32>>;  // [n_row, n_block]
// [n_row, n_block / 8, 11]: 8 bytes of ninth bits, signs of 8 runs, scales
@group(0) @binding(2) var<storage, read> w_more: array<u32>;
@group(0) @binding(3) var<storage, read> w_scale: array<u32>;  // f16, two to a word

struct WSide {
    ninth: u32,
    scales: u32,
    d: u32,
}

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    let i = row * (n_block >> 3u) + (b >> 3u);
    return WSide(
        w_more[11u * i + ((b & 7u) >> 2u)],
        w_more[11u * i + 10u],
        w_scale[half_word(row, b >> 3u, n_block >> 3u)],
    );
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let i = row * (n_block >> 3u) + (b >> 3u);
    let j = b & 7u;
    let q = w[row * n_block + b];
    let signs = w_more[11u * i + 2u + j];
    let ninth = byte_of(side.ninth, j);
    let scale = (side.scales >> (4u * j)) & 15u;
    let first = ((vec4<u32>(q.x) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(0xffu))
        | ((vec4<u32>(ninth) << vec4<u32>(8u, 7u, 6u, 5u)) & vec4<u32>(0x100u));
    let last = ((vec4<u32>(q.y) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(0xffu))
        | ((vec4<u32>(ninth) << vec4<u32>(4u, 3u, 2u, 1u)) & vec4<u32>(0x100u));
    let d = half_of(side.d, b >> 3u);
    let lo = vec4<u32>(grid_4(first.x), grid_4(first.y), grid_4(first.z), grid_4(first.w));
    let hi = vec4<u32>(grid_4(last.x), grid_4(last.y), grid_4(last.z), grid_4(last.w));
    return WBlock(
        signed_bytes(lo, bits_to_bytes(signs)),
        signed_bytes(hi, bits_to_bytes(signs >> 16u)),
        vec2<f32>(d * (1.0 + 2.0 * f32(scale))),
    );
}
