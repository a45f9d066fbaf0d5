// The LANES_D lanes of a team add up in workgroup memory: each adds up some of the scores, then all read all.

var<workgroup> parts: array<f32, WORKGROUP_SIZE * ROWS * STEP>;

fn reduce_scores(score: ptr<function, array<f32, ROWS * STEP>>, lane: u32) {
    let team_0 = (lane - lane % LANES_D) * (ROWS * STEP);
    for (var i = 0u; i < ROWS * STEP; i++) {
        parts[lane * (ROWS * STEP) + i] = (*score)[i];
    }
    workgroupBarrier();
    for (var i = lane % LANES_D; i < ROWS * STEP; i += LANES_D) {
        var sum = 0.0;
        for (var l = 0u; l < LANES_D; l++) {
            sum += parts[team_0 + l * (ROWS * STEP) + i];
        }
        parts[team_0 + i] = sum;
    }
    workgroupBarrier();
    for (var i = 0u; i < ROWS * STEP; i++) {
        (*score)[i] = parts[team_0 + i];
    }
    workgroupBarrier();
}
