// IQ1_M: w = (grid + delta) * d * (2 scale + 1), delta 1/8 or -1/8. A block is 256 weights: for
// each 8 an index of 8 bits and a nibble of three more and the sign of delta; for each 16 a scale
// of 3 bits. The f16 d is the upper nibbles of the four 16-bit words of scales. The grid has one
// more than ggml's; q is 8 (grid + delta) + 9.
// Twin: crates/reference/src/formats/iq1_m.rs

@group(0) @binding(1) var<storage, read> w: array<u32>;  // [n_row, n_block]
// [n_row, n_block / 8, 6]: 4 nibbles for each run, scales
@group(0) @binding(2) var<storage, read> w_more: array<u32>;

const W_OFFSET: f32 = 9.0;

struct WSide {
    upper: u32,
    scales: vec2<u32>,
}

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    let i = row * (n_block >> 3u) + (b >> 3u);
    return WSide(
        w_more[6u * i + ((b & 7u) >> 1u)],
        vec2<u32>(w_more[6u * i + 4u], w_more[6u * i + 5u]),
    );
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let j = b & 7u;
    let q = w[row * n_block + b];
    let nibble = vec4<u32>(side.upper >> ((j & 1u) << 4u)) >> vec4<u32>(0u, 4u, 8u, 12u);
    let index = ((vec4<u32>(q) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(0xffu))
        | ((nibble & vec4<u32>(7u)) << vec4<u32>(8u));
    let plus = (((nibble >> vec4<u32>(3u)) & vec4<u32>(1u)) ^ vec4<u32>(1u)) * 0x02020202u;
    let two = (side.scales >> vec2<u32>(12u)) & vec2<u32>(15u);
    let other = (side.scales >> vec2<u32>(28u)) << vec2<u32>(4u);
    let d = unpack2x16float(two.x | other.x | ((two.y | other.y) << 8u)).x;
    let six = select(side.scales.x, side.scales.y, j >= 4u) >> (((j & 2u) << 3u) + (j & 1u) * 6u);
    let scale = vec2<f32>(vec2<u32>(six, six >> 3u) & vec2<u32>(7u));
    return WBlock(
        vec4<u32>(grid_8(index.x) * 8u + plus.x, grid_8(index.y) * 8u + plus.y),
        vec4<u32>(grid_8(index.z) * 8u + plus.z, grid_8(index.w) * 8u + plus.w),
        d * (2.0 * scale + 1.0) * 0.125, vec2<f32>(),
    );
}
