// The LANES_K lanes of a row are exactly one subgroup.

fn reduce_rows(acc: ptr<function, array<f32, ROWS>>, lane: u32) {
    for (var r = 0u; r < ROWS; r++) {
        (*acc)[r] = subgroupAdd((*acc)[r]);
    }
}
