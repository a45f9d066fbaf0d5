// Four rows of a block of 32 weights as they are, and their products with a block of x in int8.

@group(0) @binding(6) var<storage, read> x: array<vec4<u32>>;     // [n_token, n_block * 3]

struct FourRows {
    a: WBlock,
    b: WBlock,
    c: WBlock,
    d: WBlock,
}

fn w_row(row: u32, b: u32) -> WBlock {
    return w_block(row, b, params.n_block);
}

fn products(w: FourRows, xs: XBlock) -> vec4<f32> {
    return vec4<f32>(w_dot(w.a, xs), w_dot(w.b, xs), w_dot(w.c, xs), w_dot(w.d, xs));
}
