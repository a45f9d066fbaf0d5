// IQ3_XXS: w = grid * sign * d * (scale + 1/2) / 2. A block is 256 weights: for each 32 eight
// bytes of indices of 4 weights, and a word of four times seven signs and a scale; an f16.
// Twin: crates/reference/src/formats/iq3_xxs.rs

@group(0) @binding(1) var<storage, read> w: array<vec2<u32>>;  // [n_row, n_block]
@group(0) @binding(2) var<storage, read> w_more: array<u32>;  // [n_row, n_block]
@group(0) @binding(3) var<storage, read> w_scale: array<u32>;  // f16, two to a word

alias WSide = u32;

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    return w_scale[half_word(row, b >> 3u, n_block >> 3u)];
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let q = w[row * n_block + b];
    let more = w_more[row * n_block + b];
    let first = (vec4<u32>(q.x) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(0xffu);
    let last = (vec4<u32>(q.y) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(0xffu);
    let d = half_of(side, b >> 3u);
    let lo = vec4<u32>(grid_4(first.x), grid_4(first.y), grid_4(first.z), grid_4(first.w));
    let hi = vec4<u32>(grid_4(last.x), grid_4(last.y), grid_4(last.z), grid_4(last.w));
    return WBlock(
        signed_bytes(lo, bits_to_bytes(even_signs(more, more >> 7u))),
        signed_bytes(hi, bits_to_bytes(even_signs(more >> 14u, more >> 21u))),
        vec2<f32>(d * (0.5 + f32(more >> 28u)) * 0.5),
    );
}
