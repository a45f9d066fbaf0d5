// IQ2_XXS: w = grid * sign * d * (scale + 1/2) / 4. A block is 256 weights: for each 32 four
// bytes of indices of 8 weights, and a word of four times seven signs and a scale; an f16.
// Twin: crates/reference/src/formats/iq2_xxs.rs

@group(0) @binding(1) var<storage, read> w: array<vec2<u32>>;  // [n_row, n_block]
@group(0) @binding(3) var<storage, read> w_scale: array<u32>;  // f16, two to a word

alias WSide = u32;

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    return w_scale[half_word(row, b >> 3u, n_block >> 3u)];
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let q = w[row * n_block + b];
    let index = (vec4<u32>(q.x) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(0xffu);
    let d = half_of(side, b >> 3u);
    let lo = vec4<u32>(grid_8(index.x), grid_8(index.y));
    let hi = vec4<u32>(grid_8(index.z), grid_8(index.w));
    return WBlock(
        signed_bytes(lo, bits_to_bytes(even_signs(q.y, q.y >> 7u))),
        signed_bytes(hi, bits_to_bytes(even_signs(q.y >> 14u, q.y >> 21u))),
        vec2<f32>(d * (0.5 + f32(q.y >> 28u)) * 0.25),
    );
}
