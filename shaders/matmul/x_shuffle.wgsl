// Block i of x, loaded once for the subgroup, which is the whole workgroup.

fn x_load(i: u32, lane: u32) -> XBlock {
    return x_spread(x_share(8u * i, lane), vec2<f32>());
}

fn x_vec4(i: u32) -> vec4<f32> {
    return x[i];
}
