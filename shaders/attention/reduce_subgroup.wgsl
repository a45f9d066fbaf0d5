// The LANES_D lanes of a team are neighbours in a subgroup of at least that many lanes.

fn reduce_scores(score: ptr<function, array<f32, ROWS * STEP>>, lane: u32) {
    for (var i = 0u; i < ROWS * STEP; i++) {
        for (var mask = 1u; mask < LANES_D; mask <<= 1u) {
            (*score)[i] += subgroupShuffleXor((*score)[i], mask);
        }
    }
}
