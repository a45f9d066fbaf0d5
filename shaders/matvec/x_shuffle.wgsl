// Block b of x, loaded once for the subgroup: lane l loads every SUBGROUP_SIZE-th vec4 and the others take it from
// there. The workgroup is one subgroup and all its lanes are at the same block. Returns the sum of the 32 values.

fn x_load(b: u32, lane: u32, xs: ptr<function, array<vec4<f32>, 8>>) -> f32 {
    var sum = vec4<f32>(0.0);
    for (var i = 0u; i < 8u; i += SUBGROUP_SIZE) {
        let mine = x[8u * b + i + lane];
        sum += mine;
        let prepared = w_prepare(mine);
        for (var l = 0u; l < SUBGROUP_SIZE; l++) {
            (*xs)[i + l] = subgroupShuffle(prepared, l);
        }
    }
    return subgroupAdd(dot(sum, vec4<f32>(1.0)));
}
