// Products of weights that are numbers with x in f32: the format gives `w_run` and `w_vec4`,
// weights 4j .. 4j + 3 of it.

fn w_prepare(x: vec4<f32>) -> vec4<f32> {
    return x;
}

// sum_i w[i] * x[i] over the block.
fn w_dot(block: WBlock, x: XBlock) -> f32 {
    var sum = w_vec4(block, 0u) * x.v0;
    sum += w_vec4(block, 1u) * x.v1;
    sum += w_vec4(block, 2u) * x.v2;
    sum += w_vec4(block, 3u) * x.v3;
    sum += w_vec4(block, 4u) * x.v4;
    sum += w_vec4(block, 5u) * x.v5;
    sum += w_vec4(block, 6u) * x.v6;
    sum += w_vec4(block, 7u) * x.v7;
    return dot(sum, vec4<f32>(1.0));
}
