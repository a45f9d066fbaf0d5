// The LANES_K lanes of a row add up in workgroup memory, all ROWS rows in one tree.

var<workgroup> row_sums: array<f32, ROWS * WORKGROUP_SIZE>;

fn reduce_rows(acc: ptr<function, array<f32, ROWS>>, lane: u32) {
    for (var r = 0u; r < ROWS; r++) {
        row_sums[r * WORKGROUP_SIZE + lane] = (*acc)[r];
    }
    workgroupBarrier();
    for (var half = LANES_K >> 1u; half > 0u; half >>= 1u) {
        if (lane % LANES_K < half) {
            for (var r = 0u; r < ROWS; r++) {
                let i = r * WORKGROUP_SIZE + lane;
                row_sums[i] += row_sums[i + half];
            }
        }
        workgroupBarrier();
    }
    for (var r = 0u; r < ROWS; r++) {
        (*acc)[r] = row_sums[r * WORKGROUP_SIZE + lane];
    }
}
