// IQ1_S: w = (grid + delta) * d * (2 scale + 1), delta 1/8 or -1/8. A block is 256 weights: for
// each 8 an index of 8 bits and three more apart; these, a scale and the sign of delta are 16
// bits for each 32; an f16. The grid has one more than ggml's; q is 8 (grid + delta) + 9.
// Twin: crates/reference/src/formats/iq1_s.rs

@group(0) @binding(1) var<storage, read> w: array<u32>;  // [n_row, n_block]
// [n_row, n_block / 8, 4]: 16 bits for each run
@group(0) @binding(2) var<storage, read> w_more: array<u32>;
@group(0) @binding(3) var<storage, read> w_scale: array<u32>;  // f16, two to a word

const W_OFFSET: f32 = 9.0;

struct WSide {
    upper: u32,
    d: u32,
}

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    let i = row * (n_block >> 3u) + (b >> 3u);
    return WSide(
        w_more[4u * i + ((b & 7u) >> 1u)],
        w_scale[half_word(row, b >> 3u, n_block >> 3u)],
    );
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let q = w[row * n_block + b];
    let more = side.upper >> ((b & 1u) << 4u);
    let upper = ((vec4<u32>(more) >> vec4<u32>(0u, 3u, 6u, 9u)) & vec4<u32>(7u)) << vec4<u32>(8u);
    let index = ((vec4<u32>(q) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(0xffu)) | upper;
    let d = half_of(side.d, b >> 3u);
    let plus = select(0x02020202u, 0u, (more & 0x8000u) != 0u);
    let scale = d * (2.0 * f32((more >> 12u) & 7u) + 1.0) * 0.125;
    return WBlock(
        vec4<u32>(grid_8(index.x), grid_8(index.y)) * 8u + plus,
        vec4<u32>(grid_8(index.z), grid_8(index.w)) * 8u + plus,
        vec2<f32>(scale), vec2<f32>(),
    );
}
