// Weights of the tile in registers, unpacked once for 8 tokens; LANES_N is 1 and TILE_N is 8.
// Written out token by token: drivers of software adapters leave such loops rolled and their sums
// in memory.

fn multiply(group: vec3<u32>, lane: u32, unit_0: u32, token_0: u32) {
    let t0 = group.x * TILE_N;
    var lo0 = vec4<f32>(0.0);
    var lo1 = lo0;
    var lo2 = lo0;
    var lo3 = lo0;
    var lo4 = lo0;
    var lo5 = lo0;
    var lo6 = lo0;
    var lo7 = lo0;
    var hi0 = lo0;
    var hi1 = lo0;
    var hi2 = lo0;
    var hi3 = lo0;
    var hi4 = lo0;
    var hi5 = lo0;
    var hi6 = lo0;
    var hi7 = lo0;
    for (var b = 0u; b < params.n_block; b++) {
        let xs = x_tile(t0, b, lane);
        let w = four_rows(unit_0, 0u, b);
        var more = w;
        if (ROWS > 4u) {
            more = four_rows(unit_0, 4u, b);
        }
        let x0 = x_of(xs, 0u, t0, b, lane);
        lo0 += products(w, x0);
        if (ROWS > 4u) {
            hi0 += products(more, x0);
        }
        let x1 = x_of(xs, 1u, t0, b, lane);
        lo1 += products(w, x1);
        if (ROWS > 4u) {
            hi1 += products(more, x1);
        }
        let x2 = x_of(xs, 2u, t0, b, lane);
        lo2 += products(w, x2);
        if (ROWS > 4u) {
            hi2 += products(more, x2);
        }
        let x3 = x_of(xs, 3u, t0, b, lane);
        lo3 += products(w, x3);
        if (ROWS > 4u) {
            hi3 += products(more, x3);
        }
        let x4 = x_of(xs, 4u, t0, b, lane);
        lo4 += products(w, x4);
        if (ROWS > 4u) {
            hi4 += products(more, x4);
        }
        let x5 = x_of(xs, 5u, t0, b, lane);
        lo5 += products(w, x5);
        if (ROWS > 4u) {
            hi5 += products(more, x5);
        }
        let x6 = x_of(xs, 6u, t0, b, lane);
        lo6 += products(w, x6);
        if (ROWS > 4u) {
            hi6 += products(more, x6);
        }
        let x7 = x_of(xs, 7u, t0, b, lane);
        lo7 += products(w, x7);
        if (ROWS > 4u) {
            hi7 += products(more, x7);
        }
    }
    finish_token(t0, unit_0, lo0, hi0);
    finish_token(t0 + 1u, unit_0, lo1, hi1);
    finish_token(t0 + 2u, unit_0, lo2, hi2);
    finish_token(t0 + 3u, unit_0, lo3, hi3);
    finish_token(t0 + 4u, unit_0, lo4, hi4);
    finish_token(t0 + 5u, unit_0, lo5, hi5);
    finish_token(t0 + 6u, unit_0, lo6, hi6);
    finish_token(t0 + 7u, unit_0, lo7, hi7);
}

fn four_rows(unit_0: u32, r: u32, b: u32) -> FourRows {
    return FourRows(
        w_row(weight_row(unit_0, LANES_M, r), b),
        w_row(weight_row(unit_0, LANES_M, r + 1u), b),
        w_row(weight_row(unit_0, LANES_M, r + 2u), b),
        w_row(weight_row(unit_0, LANES_M, r + 3u), b),
    );
}
