// y[o] = silu(gate[o]) * up[o]; the planes hold the gate rows, then the up rows. ROWS is 8, UNITS
// 4: the first four rows of a lane are gates, the others the ups of the same outputs. No model here
// has biases on these: bias is zeros.

fn weight_row(unit_0: u32, stride: u32, r: u32) -> u32 {
    let unit = min(unit_0 + (r & 3u) * stride, params.n_out - 1u);
    return select(unit, unit + params.n_out, r >= 4u);
}

fn finish(y_row: u32, unit_0: u32, stride: u32, gate: vec4<f32>, up: vec4<f32>) {
    finish_one(y_row, unit_0, gate.x, up.x);
    finish_one(y_row, unit_0 + stride, gate.y, up.y);
    finish_one(y_row, unit_0 + 2u * stride, gate.z, up.z);
    finish_one(y_row, unit_0 + 3u * stride, gate.w, up.w);
}

fn finish_one(y_row: u32, unit: u32, gate: f32, up: f32) {
    if (unit < params.n_out) {
        y[y_row + params.row_begin + unit] = silu(gate) * up + bias[0];
    }
}
