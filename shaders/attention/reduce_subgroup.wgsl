// The LANES_D lanes of a team, 2 to 32, are neighbours in a subgroup of at least that many.

fn reduce_scores(s: Scores, lane: u32) -> Scores {
    return Scores(team_sum(s.at0), team_sum(s.at1), team_sum(s.at2), team_sum(s.at3));
}

fn team_sum(part: vec4<f32>) -> vec4<f32> {
    var sum = part + subgroupShuffleXor(part, 1u);
    if (LANES_D > 2u) {
        sum += subgroupShuffleXor(sum, 2u);
    }
    if (LANES_D > 4u) {
        sum += subgroupShuffleXor(sum, 4u);
    }
    if (LANES_D > 8u) {
        sum += subgroupShuffleXor(sum, 8u);
    }
    if (LANES_D > 16u) {
        sum += subgroupShuffleXor(sum, 16u);
    }
    return sum;
}
