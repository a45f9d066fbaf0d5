// F16 read with shader-f16. Rows are padded with zeros to whole blocks of 32 weights.
// Twin: crates/reference/src/formats/f16.rs

@group(0) @binding(1) var<storage, read> w: array<vec4<f16>>;  // [n_row, n_block, 8]

struct WBlock {
    first: u32,
}

alias WSide = u32;

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    return 0u;
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    return WBlock(8u * (row * n_block + b));
}

// Weights 4j .. 4j + 3 of the block.
fn w_vec4(block: WBlock, j: u32) -> vec4<f32> {
    return vec4<f32>(w[block.first + j]);
}
