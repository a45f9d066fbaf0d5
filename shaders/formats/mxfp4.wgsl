// MXFP4: w = value(q) * 2^(e - 128), values doubled. A block is 32 weights: nibbles as in Q4_0
// and a byte e.
// Twin: crates/reference/src/formats/mxfp4.rs

@group(0) @binding(1) var<storage, read> w: array<vec4<u32>>;  // [n_row, n_block]
// [n_row, ceil(n_block / 4)], four e each
@group(0) @binding(3) var<storage, read> w_scale: array<u32>;

alias WSide = u32;

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    return w_scale[row * ((n_block + 3u) >> 2u) + (b >> 2u)];
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let q = w[row * n_block + b];
    let e = byte_of(side, b);
    // Below e = 2 it is no normal number.
    let d = bitcast<f32>(select((e - 1u) << 23u, 0x00200000u << (e & 1u), e < 2u));
    return WBlock(fp4(q), fp4(q >> vec4<u32>(4u)), vec2<f32>(d));
}
