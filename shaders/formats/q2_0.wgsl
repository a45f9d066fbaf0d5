// Q2_0: w = (q - 1) * d. A block is 64 weights of 2 bits, four neighbours to a byte, and an f16.
// Twin: crates/reference/src/formats/q2_0.rs

@group(0) @binding(1) var<storage, read> w: array<vec2<u32>>;  // [n_row, n_block]
@group(0) @binding(3) var<storage, read> w_scale: array<u32>;  // f16, two to a word

const W_OFFSET: f32 = 1.0;

alias WSide = u32;

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    return w_scale[half_word(row, b >> 1u, n_block >> 1u)];
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let q = w[row * n_block + b];
    let d = half_of(side, b >> 1u);
    return WBlock(four_to_bytes(q.x), four_to_bytes(q.y), vec2<f32>(d), vec2<f32>());
}

// Each byte of a word as four bytes of its pairs of bits.
fn four_to_bytes(word: u32) -> vec4<u32> {
    let four = (vec4<u32>(word) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(0xffu);
    let apart = four | (four << vec4<u32>(12u));
    return (apart | (apart << vec4<u32>(6u))) & vec4<u32>(0x03030303u);
}
