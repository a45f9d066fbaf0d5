// y[o] += sum + bias[o]: the residual stream.

// Row r of the ROWS rows that begin at output unit_0, `stride` apart; rows behind the last one repeat it.
fn weight_row(unit_0: u32, stride: u32, r: u32) -> u32 {
    return min(unit_0 + r * stride, params.n_out - 1u);
}

fn finish(y_row: u32, unit: u32, sum: f32, unused: f32) {
    let o = params.row_begin + unit;
    y[y_row + o] += sum + bias[o];
}
