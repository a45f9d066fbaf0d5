// x of the tile in int8, loaded once for the subgroup, which is the whole workgroup: each of the 4
// lanes has two tokens, four apart. Where each token's block is loaded by all, there are 8 loads in
// place of 6.

struct XToken {
    lo: vec4<u32>,
    hi: vec4<u32>,
    more: vec4<u32>,
}

struct XTile {
    first: XToken,
    second: XToken,
}

fn x_tile(t0: u32, b: u32, lane: u32) -> XTile {
    return XTile(x_token(t0 + lane, b), x_token(t0 + 4u + lane, b));
}

fn x_token(token: u32, b: u32) -> XToken {
    let i = 3u * (min(token, step.n_token - 1u) * params.n_block + b);
    return XToken(x[i], x[i + 1u], x[i + 2u]);
}

fn x_of(tile: XTile, n: u32, t0: u32, b: u32, lane: u32) -> XBlock {
    if (n < 4u) {
        return x_spread(tile.first, n);
    }
    return x_spread(tile.second, n - 4u);
}

fn x_spread(token: XToken, from_lane: u32) -> XBlock {
    let more = bitcast<vec4<f32>>(subgroupShuffle(token.more, from_lane));
    return XBlock(
        subgroupShuffle(token.lo, from_lane), subgroupShuffle(token.hi, from_lane), more.x, more.yz,
    );
}
