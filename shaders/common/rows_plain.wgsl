// A row of weights makes an output: ROWS rows, UNITS = ROWS outputs. The part behind gives
// `finish_one`.

// Row r of the ROWS rows that begin at output unit_0, `stride` apart; rows behind the last one
// repeat it.
fn weight_row(unit_0: u32, stride: u32, r: u32) -> u32 {
    return min(unit_0 + r * stride, params.n_out - 1u);
}

// Four outputs at unit_0, and four more behind them if a lane has eight rows.
fn finish(y_row: u32, unit_0: u32, stride: u32, lo: vec4<f32>, hi: vec4<f32>) {
    finish_one(y_row, unit_0, lo.x);
    finish_one(y_row, unit_0 + stride, lo.y);
    finish_one(y_row, unit_0 + 2u * stride, lo.z);
    finish_one(y_row, unit_0 + 3u * stride, lo.w);
    if (ROWS > 4u) {
        finish_one(y_row, unit_0 + 4u * stride, hi.x);
        finish_one(y_row, unit_0 + 5u * stride, hi.y);
        finish_one(y_row, unit_0 + 6u * stride, hi.z);
        finish_one(y_row, unit_0 + 7u * stride, hi.w);
    }
}

