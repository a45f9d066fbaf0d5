// Products of `w_unsigned` weights with x in int8: whole numbers until the scales.

// sum_i w[i] * x[i] over the block.
fn w_dot(block: WBlock, x: XBlock) -> f32 {
    let dots = vec2<f32>(vec2<i32>(dot_16(block.lo, x.lo), dot_16(block.hi, x.hi)));
    return x.scale
        * (dot(block.scale, dots - W_OFFSET * x.sums) + dot(block.minimum, x.sums));
}
