// Weights of the tile in registers, dequantized once for 8 tokens; LANES_N is 1 and TILE_N is 8.
// Written out token by token: drivers of software adapters leave such loops rolled and their sums
// in memory.

struct WRow {
    v0: vec4<f32>,
    v1: vec4<f32>,
    v2: vec4<f32>,
    v3: vec4<f32>,
    v4: vec4<f32>,
    v5: vec4<f32>,
    v6: vec4<f32>,
    v7: vec4<f32>,
}

struct FourRows {
    a: WRow,
    b: WRow,
    c: WRow,
    d: WRow,
}

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
        let w = four_rows(unit_0, 0u, b);
        lo0 += products(w, x_block(t0, b, lane));
        lo1 += products(w, x_block(t0 + 1u, b, lane));
        lo2 += products(w, x_block(t0 + 2u, b, lane));
        lo3 += products(w, x_block(t0 + 3u, b, lane));
        lo4 += products(w, x_block(t0 + 4u, b, lane));
        lo5 += products(w, x_block(t0 + 5u, b, lane));
        lo6 += products(w, x_block(t0 + 6u, b, lane));
        lo7 += products(w, x_block(t0 + 7u, b, lane));
        if (ROWS > 4u) {
            let more = four_rows(unit_0, 4u, b);
            hi0 += products(more, x_block(t0, b, lane));
            hi1 += products(more, x_block(t0 + 1u, b, lane));
            hi2 += products(more, x_block(t0 + 2u, b, lane));
            hi3 += products(more, x_block(t0 + 3u, b, lane));
            hi4 += products(more, x_block(t0 + 4u, b, lane));
            hi5 += products(more, x_block(t0 + 5u, b, lane));
            hi6 += products(more, x_block(t0 + 6u, b, lane));
            hi7 += products(more, x_block(t0 + 7u, b, lane));
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

fn w_row(row: u32, b: u32) -> WRow {
    let block = w_block(row, b, params.n_block);
    return WRow(
        w_vec4(block, 0u), w_vec4(block, 1u), w_vec4(block, 2u), w_vec4(block, 3u),
        w_vec4(block, 4u), w_vec4(block, 5u), w_vec4(block, 6u), w_vec4(block, 7u),
    );
}

fn products(w: FourRows, xs: XBlock) -> vec4<f32> {
    return vec4<f32>(row_dot(w.a, xs), row_dot(w.b, xs), row_dot(w.c, xs), row_dot(w.d, xs));
}

fn row_dot(w: WRow, xs: XBlock) -> f32 {
    var sum = w.v0 * xs.v0;
    sum += w.v1 * xs.v1;
    sum += w.v2 * xs.v2;
    sum += w.v3 * xs.v3;
    sum += w.v4 * xs.v4;
    sum += w.v5 * xs.v5;
    sum += w.v6 * xs.v6;
    sum += w.v7 * xs.v7;
    return dot(sum, vec4<f32>(1.0));
}

fn x_block(token: u32, b: u32, lane: u32) -> XBlock {
    return x_load(min(token, step.n_token - 1u) * params.n_block + b, lane);
}
