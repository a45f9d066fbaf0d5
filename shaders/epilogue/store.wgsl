// y[o] = sum + bias[o]

fn finish_one(y_row: u32, unit: u32, sum: f32) {
    if (unit >= params.n_out) {
        return;
    }
    let o = params.row_begin + unit;
    y[y_row + o] = sum + bias[o];
}
