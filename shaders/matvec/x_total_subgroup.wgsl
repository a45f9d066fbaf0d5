// The sum of what the lanes of the subgroup have.

fn x_total(part: f32, lane: u32) -> f32 {
    return subgroupAdd(part);
}
