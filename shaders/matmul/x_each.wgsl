// x of the tile, one token at a time: nothing is kept for all of them.

alias XTile = u32;

fn x_tile(t0: u32, b: u32, lane: u32) -> XTile {
    return 0u;
}

fn x_of(tile: XTile, n: u32, t0: u32, b: u32, lane: u32) -> XBlock {
    return x_load(min(t0 + n, step.n_token - 1u) * params.n_block + b, lane);
}
