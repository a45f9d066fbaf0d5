// Block b of x as int8, made by the 8 lanes of a subgroup together, four values each. The
// workgroup is one subgroup and all its lanes are at the same block. Broadcasts are cheaper than
// reductions on software adapters.

fn x_load(b: u32, lane: u32) -> XBlock {
    let mine = x_vec4(8u * b + lane);
    let top = largest_of(mine);
    let largest = max(
        max(
            max(subgroupBroadcast(top, 0u), subgroupBroadcast(top, 1u)),
            max(subgroupBroadcast(top, 2u), subgroupBroadcast(top, 3u)),
        ),
        max(
            max(subgroupBroadcast(top, 4u), subgroupBroadcast(top, 5u)),
            max(subgroupBroadcast(top, 6u), subgroupBroadcast(top, 7u)),
        ),
    );
    let word = to_bytes(mine, largest);
    let lo = vec4<u32>(
        subgroupBroadcast(word, 0u), subgroupBroadcast(word, 1u),
        subgroupBroadcast(word, 2u), subgroupBroadcast(word, 3u),
    );
    let hi = vec4<u32>(
        subgroupBroadcast(word, 4u), subgroupBroadcast(word, 5u),
        subgroupBroadcast(word, 6u), subgroupBroadcast(word, 7u),
    );
    return XBlock(lo, hi, largest / 127.0, vec2<f32>(vec2<i32>(sum_16(lo), sum_16(hi))));
}
