// Weights that are w = (q - W_OFFSET) * scale + minimum with q from 0 to 127: the format gives
// W_OFFSET and `w_run`.

struct WBlock {
    lo: vec4<u32>,       // q of weights 0 .. 15, a byte each
    hi: vec4<u32>,       // q of weights 16 .. 31
    scale: vec2<f32>,    // of both halves
    minimum: vec2<f32>,
}

// Weights 4j .. 4j + 3 of the block.
fn w_vec4(block: WBlock, j: u32) -> vec4<f32> {
    let q = vec4<f32>(unpack4xI8(select(block.lo[j & 3u], block.hi[j & 3u], j >= 4u)));
    return (q - W_OFFSET) * block.scale[j >> 2u] + block.minimum[j >> 2u];
}
