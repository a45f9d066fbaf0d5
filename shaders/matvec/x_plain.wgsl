// x goes into the product as it is.

fn x_vec4(i: u32) -> vec4<f32> {
    return x[i];
}

fn x_scale(lane: u32) -> f32 {
    return 1.0;
}
