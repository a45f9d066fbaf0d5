// Block i of x in int8, each lane for itself.

fn x_load(i: u32, lane: u32) -> XBlock {
    let more = bitcast<vec4<f32>>(x[3u * i + 2u]);
    return XBlock(x[3u * i], x[3u * i + 1u], more.x, more.yz);
}
