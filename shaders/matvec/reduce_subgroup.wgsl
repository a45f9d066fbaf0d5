// The LANES_K lanes of a row are exactly one subgroup.

fn reduce_rows(sums: vec4<f32>, lane: u32) -> vec4<f32> {
    return subgroupAdd(sums);
}
