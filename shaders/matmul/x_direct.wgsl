// Values of x, each lane for itself.

fn x_begin(x_0: u32, lane: u32) -> u32 {
    return 0u;
}

fn x_at(x_0: u32, j: u32, mine: ptr<function, u32>) -> vec4<f32> {
    return x[x_0 + j];
}
