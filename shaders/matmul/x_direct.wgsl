// Block i of x, each lane for itself.

fn x_load(i: u32, lane: u32) -> XBlock {
    return XBlock(
        x[8u * i], x[8u * i + 1u], x[8u * i + 2u], x[8u * i + 3u],
        x[8u * i + 4u], x[8u * i + 5u], x[8u * i + 6u], x[8u * i + 7u], vec2<f32>(),
    );
}
