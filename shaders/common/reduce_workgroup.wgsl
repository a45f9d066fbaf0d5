// The sum of one value per lane over the workgroup, by a tree in workgroup memory.

var<workgroup> reduce_scratch: array<f32, WORKGROUP_SIZE>;

fn workgroup_sum(value: f32, lane: u32) -> f32 {
    reduce_scratch[lane] = value;
    workgroupBarrier();
    for (var half = WORKGROUP_SIZE >> 1u; half > 0u; half >>= 1u) {
        if (lane < half) {
            reduce_scratch[lane] += reduce_scratch[lane + half];
        }
        workgroupBarrier();
    }
    return reduce_scratch[0];
}
