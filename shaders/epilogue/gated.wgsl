// y[o] = silu(y[o]) * sum, silu(v) = v / (1 + exp(-v)): the up matrix where the gate's result stands in y already.

// Row r of the ROWS rows that begin at output unit_0, `stride` apart; rows behind the last one repeat it.
fn weight_row(unit_0: u32, stride: u32, r: u32) -> u32 {
    return min(unit_0 + r * stride, params.n_out - 1u);
}

fn finish(y_row: u32, unit: u32, sum: f32, unused: f32) {
    let o = params.row_begin + unit;
    let gate = y[y_row + o];
    // Kept away from overflow: a gate below -80 gives less than the smallest normal number anyway.
    let silu = gate / (1.0 + exp(-max(gate, -80.0)));
    y[y_row + o] = silu * (sum + bias[o]);
}
