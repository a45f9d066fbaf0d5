// The LANES_D lanes of a team add up in workgroup memory: each adds up some of the positions, then
// all read all.

var<workgroup> parts: array<vec4<f32>, 4u * WORKGROUP_SIZE>;

fn reduce_scores(s: Scores, lane: u32) -> Scores {
    let team_0 = 4u * (lane - lane % LANES_D);
    parts[4u * lane] = s.at0;
    parts[4u * lane + 1u] = s.at1;
    parts[4u * lane + 2u] = s.at2;
    parts[4u * lane + 3u] = s.at3;
    workgroupBarrier();
    for (var i = lane % LANES_D; i < 4u; i += LANES_D) {
        var sum = parts[team_0 + i];
        for (var l = 1u; l < LANES_D; l++) {
            sum += parts[team_0 + 4u * l + i];
        }
        parts[team_0 + i] = sum;
    }
    workgroupBarrier();
    let whole = Scores(parts[team_0], parts[team_0 + 1u], parts[team_0 + 2u], parts[team_0 + 3u]);
    workgroupBarrier();
    return whole;
}
