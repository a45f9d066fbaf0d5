// y[o] = silu(gate[o]) * up[o], silu(v) = v / (1 + exp(-v)); the planes hold the gate rows, then the up rows.

// The first UNITS of the ROWS rows are gates, the others the ups of the same outputs.
fn weight_row(unit_0: u32, stride: u32, r: u32) -> u32 {
    let unit = min(unit_0 + (r % UNITS) * stride, params.n_out - 1u);
    return unit + (r / UNITS) * params.n_out;
}

fn finish(y_row: u32, unit: u32, gate: f32, up: f32) {
    // Kept away from overflow: a gate below -80 gives less than the smallest normal number anyway.
    let silu = gate / (1.0 + exp(-max(gate, -80.0)));
    y[y_row + params.row_begin + unit] = silu * up + bias[0];
}
