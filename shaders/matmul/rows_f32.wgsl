// Four rows of a block of 32 weights, dequantized, and their products with a block of x in f32.

@group(0) @binding(6) var<storage, read> x: array<vec4<f32>>;     // [n_token, n_block * 8]

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
