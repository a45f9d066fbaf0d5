// Block b of x, each lane for itself. Returns the sum of its 32 values.

fn x_load(b: u32, lane: u32, xs: ptr<function, array<vec4<f32>, 8>>) -> f32 {
    var sum = vec4<f32>(0.0);
    for (var j = 0u; j < 8u; j++) {
        let v = x[8u * b + j];
        sum += v;
        (*xs)[j] = w_prepare(v);
    }
    return dot(sum, vec4<f32>(1.0));
}
