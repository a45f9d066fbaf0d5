// How the 8 lanes of a subgroup share the 8 vec4 of a block of x: one each.

struct XShare {
    a: vec4<f32>,
    b: vec4<f32>,  // unused
}

fn x_share(x_0: u32, lane: u32) -> XShare {
    return XShare(x[x_0 + lane], vec4<f32>(0.0));
}

fn x_share_sum(mine: XShare) -> vec4<f32> {
    return mine.a;
}

fn x_spread(mine: XShare, sum: f32) -> XBlock {
    return XBlock(
        subgroupBroadcast(mine.a, 0u), subgroupBroadcast(mine.a, 1u), subgroupBroadcast(mine.a, 2u),
        subgroupBroadcast(mine.a, 3u), subgroupBroadcast(mine.a, 4u), subgroupBroadcast(mine.a, 5u),
        subgroupBroadcast(mine.a, 6u), subgroupBroadcast(mine.a, 7u), sum,
    );
}
