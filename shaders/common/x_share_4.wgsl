// How the 4 lanes of a subgroup share the 8 vec4 of a block of x: two each, four apart.

struct XShare {
    a: vec4<f32>,
    b: vec4<f32>,
}

fn x_share(x_0: u32, lane: u32) -> XShare {
    return XShare(x[x_0 + lane], x[x_0 + 4u + lane]);
}

fn x_share_sum(mine: XShare) -> vec4<f32> {
    return mine.a + mine.b;
}

fn x_spread(mine: XShare, sum: f32) -> XBlock {
    return XBlock(
        subgroupBroadcast(mine.a, 0u), subgroupBroadcast(mine.a, 1u), subgroupBroadcast(mine.a, 2u),
        subgroupBroadcast(mine.a, 3u), subgroupBroadcast(mine.b, 0u), subgroupBroadcast(mine.b, 1u),
        subgroupBroadcast(mine.b, 2u), subgroupBroadcast(mine.b, 3u), sum,
    );
}
