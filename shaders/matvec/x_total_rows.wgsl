// The sum of what the lanes of a row have.

fn x_total(part: f32, lane: u32) -> f32 {
    return reduce_rows(vec4<f32>(part), lane).x;
}
