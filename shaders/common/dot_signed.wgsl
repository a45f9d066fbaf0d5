// Products of `w_signed` weights with x in f32.

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
