// NVFP4: w = value(q) * scale / 2, values doubled. A block is 64 weights: for each 16, 8 bytes of
// nibbles, the low ones first, and an E4M3 scale without sign.
// Twin: crates/reference/src/formats/nvfp4.rs

@group(0) @binding(1) var<storage, read> w: array<vec4<u32>>;  // [n_row, n_block]
// [n_row, n_block / 2], four scales each
@group(0) @binding(2) var<storage, read> w_scale: array<u32>;

alias WSide = u32;

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    return w_scale[row * (n_block >> 1u) + (b >> 1u)];
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let q = w[row * n_block + b];
    let pair = side >> ((b & 1u) << 4u);
    let scales = vec2<u32>(pair, pair >> 8u) & vec2<u32>(0xffu);
    let lo = vec4<u32>(q.xy, q.xy >> vec2<u32>(4u));
    let hi = vec4<u32>(q.zw, q.zw >> vec2<u32>(4u));
    return WBlock(fp4(lo), fp4(hi), vec2<f32>(half_e4m3(scales.x), half_e4m3(scales.y)));
}

// Half of an E4M3: bias 7, the upper bit is not read, 0x7f counts as 0.
fn half_e4m3(byte: u32) -> f32 {
    let e = (byte >> 3u) & 15u;
    let m = byte & 7u;
    let normal = bitcast<f32>(((e + 119u) << 23u) | (m << 20u));
    return select(select(normal, f32(m) * 0x1p-10, e == 0u), 0.0, byte == 0x7fu);
}
