// Weights that are w = q * scale with q from -128 to 127: the format gives `w_run`.

struct WBlock {
    lo: vec4<u32>,     // q of weights 0 .. 15, a byte each
    hi: vec4<u32>,     // q of weights 16 .. 31
    scale: vec2<f32>,  // of both halves
}

// Weights 4j .. 4j + 3 of the block.
fn w_vec4(block: WBlock, j: u32) -> vec4<f32> {
    let word = select(block.lo[j & 3u], block.hi[j & 3u], j >= 4u);
    return vec4<f32>(unpack4xI8(word)) * block.scale[j >> 2u];
}
