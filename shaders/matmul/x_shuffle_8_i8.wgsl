// x of the tile in int8, loaded once for the subgroup, which is the whole workgroup: each of the 8
// lanes has a token. Where each token's block is loaded by all, there are 8 loads in place of 3.

struct XTile {
    lo: vec4<u32>,
    hi: vec4<u32>,
    more: vec4<u32>,
}

fn x_tile(t0: u32, b: u32, lane: u32) -> XTile {
    let i = 3u * (min(t0 + lane, step.n_token - 1u) * params.n_block + b);
    return XTile(x[i], x[i + 1u], x[i + 2u]);
}

fn x_of(tile: XTile, n: u32, t0: u32, b: u32, lane: u32) -> XBlock {
    let more = bitcast<vec4<f32>>(subgroupShuffle(tile.more, n));
    return XBlock(subgroupShuffle(tile.lo, n), subgroupShuffle(tile.hi, n), more.x, more.yz);
}
