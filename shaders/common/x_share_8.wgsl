// How the 8 lanes of a subgroup share the 8 vec4 of a block of x: one each.

struct XShare {
    a: vec4<f32>,
    b: vec4<f32>,  // unused
}

fn x_share(x_0: u32, lane: u32) -> XShare {
    return XShare(x_vec4(x_0 + lane), vec4<f32>(0.0));
}

// The sums of the block's halves. Broadcasts are cheaper than a reduction on software adapters.
fn x_sums(mine: XShare) -> vec2<f32> {
    let sum = dot(mine.a, vec4<f32>(1.0));
    return vec2<f32>(
        (subgroupBroadcast(sum, 0u) + subgroupBroadcast(sum, 1u))
            + (subgroupBroadcast(sum, 2u) + subgroupBroadcast(sum, 3u)),
        (subgroupBroadcast(sum, 4u) + subgroupBroadcast(sum, 5u))
            + (subgroupBroadcast(sum, 6u) + subgroupBroadcast(sum, 7u)),
    );
}

fn x_spread(mine: XShare, sums: vec2<f32>) -> XBlock {
    return XBlock(
        subgroupBroadcast(mine.a, 0u), subgroupBroadcast(mine.a, 1u), subgroupBroadcast(mine.a, 2u),
        subgroupBroadcast(mine.a, 3u), subgroupBroadcast(mine.a, 4u), subgroupBroadcast(mine.a, 5u),
        subgroupBroadcast(mine.a, 6u), subgroupBroadcast(mine.a, 7u), sums,
    );
}
