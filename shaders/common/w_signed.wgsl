// Weights that are w = q * scale with q from -128 to 127: the format gives `w_block`.

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

fn w_prepare(x: vec4<f32>) -> vec4<f32> {
    return x;
}

// sum_i w[i] * x[i] over the block.
fn w_dot(block: WBlock, x: XBlock) -> f32 {
    var lo = vec4<f32>(unpack4xI8(block.lo.x)) * x.v0;
    lo += vec4<f32>(unpack4xI8(block.lo.y)) * x.v1;
    lo += vec4<f32>(unpack4xI8(block.lo.z)) * x.v2;
    lo += vec4<f32>(unpack4xI8(block.lo.w)) * x.v3;
    var hi = vec4<f32>(unpack4xI8(block.hi.x)) * x.v4;
    hi += vec4<f32>(unpack4xI8(block.hi.y)) * x.v5;
    hi += vec4<f32>(unpack4xI8(block.hi.z)) * x.v6;
    hi += vec4<f32>(unpack4xI8(block.hi.w)) * x.v7;
    return dot(lo * block.scale.x + hi * block.scale.y, vec4<f32>(1.0));
}
