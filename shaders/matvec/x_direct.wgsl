// Block b of x, each lane for itself.

fn x_load(b: u32, lane: u32) -> XBlock {
    let x0 = x_vec4(8u * b);
    let x1 = x_vec4(8u * b + 1u);
    let x2 = x_vec4(8u * b + 2u);
    let x3 = x_vec4(8u * b + 3u);
    let x4 = x_vec4(8u * b + 4u);
    let x5 = x_vec4(8u * b + 5u);
    let x6 = x_vec4(8u * b + 6u);
    let x7 = x_vec4(8u * b + 7u);
    let sum_lo = dot((x0 + x1) + (x2 + x3), vec4<f32>(1.0));
    let sum_hi = dot((x4 + x5) + (x6 + x7), vec4<f32>(1.0));
    return XBlock(
        w_prepare(x0), w_prepare(x1), w_prepare(x2), w_prepare(x3), w_prepare(x4), w_prepare(x5),
        w_prepare(x6), w_prepare(x7), vec2<f32>(sum_lo, sum_hi),
    );
}
