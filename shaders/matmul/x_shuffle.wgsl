// Values of x, loaded once for the subgroup, which is the whole workgroup: lane l holds every SUBGROUP_SIZE-th vec4
// of the block.

fn x_begin(x_0: u32, lane: u32) -> array<vec4<f32>, 8u / SUBGROUP_SIZE> {
    var mine: array<vec4<f32>, 8u / SUBGROUP_SIZE>;
    for (var i = 0u; i < 8u / SUBGROUP_SIZE; i++) {
        mine[i] = x[x_0 + i * SUBGROUP_SIZE + lane];
    }
    return mine;
}

fn x_at(x_0: u32, j: u32, mine: ptr<function, array<vec4<f32>, 8u / SUBGROUP_SIZE>>) -> vec4<f32> {
    return subgroupShuffle((*mine)[j / SUBGROUP_SIZE], j % SUBGROUP_SIZE);
}
