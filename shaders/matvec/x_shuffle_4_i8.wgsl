// Block b of x as int8, made by the 4 lanes of a subgroup together, eight values each. The
// workgroup is one subgroup and all its lanes are at the same block. Broadcasts are cheaper than
// reductions on software adapters.

fn x_load(b: u32, lane: u32) -> XBlock {
    let a = x_vec4(8u * b + lane);
    let c = x_vec4(8u * b + 4u + lane);
    let top = max(largest_of(a), largest_of(c));
    let largest = max(
        max(subgroupBroadcast(top, 0u), subgroupBroadcast(top, 1u)),
        max(subgroupBroadcast(top, 2u), subgroupBroadcast(top, 3u)),
    );
    let words = vec2<u32>(to_bytes(a, largest), to_bytes(c, largest));
    let w0 = subgroupBroadcast(words, 0u);
    let w1 = subgroupBroadcast(words, 1u);
    let w2 = subgroupBroadcast(words, 2u);
    let w3 = subgroupBroadcast(words, 3u);
    let lo = vec4<u32>(w0.x, w1.x, w2.x, w3.x);
    let hi = vec4<u32>(w0.y, w1.y, w2.y, w3.y);
    return XBlock(lo, hi, largest / 127.0, vec2<f32>(vec2<i32>(sum_16(lo), sum_16(hi))));
}
