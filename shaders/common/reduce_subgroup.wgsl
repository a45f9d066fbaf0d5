// The sum of one value per lane over the workgroup, which is exactly one subgroup.

fn workgroup_sum(value: f32, lane: u32) -> f32 {
    return subgroupAdd(value);
}
