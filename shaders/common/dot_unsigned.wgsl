// Products of `w_unsigned` weights with x in f32.

// A byte is masked where it stands and not shifted down: x carries the power of two that this
// leaves.
const BYTES = vec4<u32>(0xffu, 0xff00u, 0xff0000u, 0x7f000000u);

fn masked(word: u32) -> vec4<f32> {
    // Signed: the conversion to f32 is one instruction everywhere, and no mask reaches the sign.
    return vec4<f32>(vec4<i32>(vec4<u32>(word) & BYTES));
}

fn w_prepare(x: vec4<f32>) -> vec4<f32> {
    return x * vec4<f32>(1.0, 0x1p-8, 0x1p-16, 0x1p-24);
}

// sum_i w[i] * x[i] over the block; the values of x went through w_prepare, their sums did not.
fn w_dot(block: WBlock, x: XBlock) -> f32 {
    var lo = masked(block.lo.x) * x.v0;
    lo += masked(block.lo.y) * x.v1;
    lo += masked(block.lo.z) * x.v2;
    lo += masked(block.lo.w) * x.v3;
    var hi = masked(block.hi.x) * x.v4;
    hi += masked(block.hi.y) * x.v5;
    hi += masked(block.hi.z) * x.v6;
    hi += masked(block.hi.w) * x.v7;
    let dots = vec2<f32>(dot(lo, vec4<f32>(1.0)), dot(hi, vec4<f32>(1.0)));
    return dot(block.scale, dots - W_OFFSET * x.sums) + dot(block.minimum, x.sums);
}
