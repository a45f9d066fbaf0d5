// Weights of the tile in registers, dequantized once for its TILE_N tokens; LANES_N is 1.

fn multiply_block(b: u32, group: vec3<u32>, lane: u32, acc: ptr<function, array<f32, TILE_M * TILE_N>>) {
    let unit_0 = group.y * (LANES_M * UNITS) + lane;
    var ws: array<vec4<f32>, TILE_M * 8u>;
    for (var m = 0u; m < TILE_M; m++) {
        let block = w_block(weight_row(unit_0, LANES_M, m), b, params.n_block);
        for (var j = 0u; j < 8u; j++) {
            ws[m * 8u + j] = w_vec4(block, j);
        }
    }
    for (var n = 0u; n < TILE_N; n++) {
        let token = min(group.x * TILE_N + n, step.n_token - 1u);
        let x_0 = 8u * (token * params.n_block + b);
        var mine = x_begin(x_0, lane);
        var sum: array<vec4<f32>, TILE_M>;
        for (var j = 0u; j < 8u; j++) {
            let v = x_at(x_0, j, &mine);
            for (var m = 0u; m < TILE_M; m++) {
                sum[m] += ws[m * 8u + j] * v;
            }
        }
        for (var m = 0u; m < TILE_M; m++) {
            (*acc)[n * TILE_M + m] += dot(sum[m], vec4<f32>(1.0));
        }
    }
}
