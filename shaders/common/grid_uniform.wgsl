// The grid of a format, a byte for each weight, in a uniform buffer, which software adapters read
// faster than a storage buffer. A GPU may read one address of it at a time.

@group(0) @binding(4) var<uniform> grid: array<vec4<u32>, GRID_PAIRS / 2u>;

// Entry i of 8 weights.
fn grid_8(i: u32) -> vec2<u32> {
    let first = (i & 1u) << 1u;
    return vec2<u32>(grid[i >> 1u][first], grid[i >> 1u][first + 1u]);
}

// Entry i of 4 weights.
fn grid_4(i: u32) -> u32 {
    return grid[i >> 2u][i & 3u];
}
