// The LANES_K lanes of a row add up in workgroup memory, four rows in one tree.

var<workgroup> row_sums: array<vec4<f32>, WORKGROUP_SIZE>;

fn reduce_rows(sums: vec4<f32>, lane: u32) -> vec4<f32> {
    workgroupBarrier();
    row_sums[lane] = sums;
    workgroupBarrier();
    for (var half = LANES_K >> 1u; half > 0u; half >>= 1u) {
        if (lane % LANES_K < half) {
            row_sums[lane] += row_sums[lane + half];
        }
        workgroupBarrier();
    }
    return row_sums[lane];
}
