// How the 4 lanes of a subgroup share the 8 vec4 of a block of x: two each, four apart.

struct XShare {
    a: vec4<f32>,
    b: vec4<f32>,
}

fn x_share(x_0: u32, lane: u32) -> XShare {
    return XShare(x_vec4(x_0 + lane), x_vec4(x_0 + 4u + lane));
}

// The sums of the block's halves. Broadcasts are cheaper than a reduction on software adapters.
fn x_sums(mine: XShare) -> vec2<f32> {
    let sums = vec2<f32>(dot(mine.a, vec4<f32>(1.0)), dot(mine.b, vec4<f32>(1.0)));
    return (subgroupBroadcast(sums, 0u) + subgroupBroadcast(sums, 1u))
        + (subgroupBroadcast(sums, 2u) + subgroupBroadcast(sums, 3u));
}

fn x_spread(mine: XShare, sums: vec2<f32>) -> XBlock {
    return XBlock(
        subgroupBroadcast(mine.a, 0u), subgroupBroadcast(mine.a, 1u), subgroupBroadcast(mine.a, 2u),
        subgroupBroadcast(mine.a, 3u), subgroupBroadcast(mine.b, 0u), subgroupBroadcast(mine.b, 1u),
        subgroupBroadcast(mine.b, 2u), subgroupBroadcast(mine.b, 3u), sums,
    );
}
