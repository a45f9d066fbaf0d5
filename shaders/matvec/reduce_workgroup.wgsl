// The LANES_K lanes of a row add up in workgroup memory, four rows at a time: each round leaves one
// sum of every 8. Barriers cost more than the loads between them: of 32 lanes, 2 rounds take 0.72
// to 0.82 of the CPU time that the 5 of a binary tree take (whole kernel, Q4_0, SwiftShader).

var<workgroup> row_sums: array<vec4<f32>, WORKGROUP_SIZE>;

fn reduce_rows(sums: vec4<f32>, lane: u32) -> vec4<f32> {
    row_sums[lane] = sums;
    for (var n = LANES_K; n > 1u;) {
        let left = (n + 7u) >> 3u;
        workgroupBarrier();
        if (lane % LANES_K < left) {
            var sum = row_sums[lane];
            for (var i = lane % LANES_K + left; i < n; i += left) {
                sum += row_sums[lane - lane % LANES_K + i];
            }
            row_sums[lane] = sum;
        }
        n = left;
    }
    let whole = row_sums[lane];
    workgroupBarrier();
    return whole;
}
