// The grid of a format, a byte for each weight, in a storage buffer: lanes read anywhere in it.

@group(0) @binding(4) var<storage, read> grid: array<vec2<u32>, GRID_PAIRS>;

// Entry i of 8 weights.
fn grid_8(i: u32) -> vec2<u32> {
    return grid[i];
}

// Entry i of 4 weights.
fn grid_4(i: u32) -> u32 {
    return grid[i >> 1u][i & 1u];
}
