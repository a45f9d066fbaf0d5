// Q4_0 blocks of a file, 18 bytes each, become two planes: quants in block order, and scales two to
// a word. One lane per pair of blocks; a row with an odd number of blocks ends with half a pair.
// Twin: crates/reference/src/formats/q4_0.rs

struct Params {
    byte_0: u32,         // where row_0 begins in staging; may wrap below zero
    row_0: u32,
    unit_0: u32,         // the first pair to do, counted from row_0
    n_unit: u32,         // pairs
    units_per_row: u32,  // pairs per row
    row_units: u32,      // blocks per row
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> quants: array<u32>;  // [n_row, n_block, 4]
@group(0) @binding(3) var<storage, read_write> scales: array<u32>;  // [n_row, units_per_row]

const BLOCK_BYTES = 18u;
const QUANT_WORDS = 4u;

@compute @workgroup_size(WORKGROUP_SIZE)
fn repack_q4_0(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) n_group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let i = (group.x + group.y * n_group.x) * WORKGROUP_SIZE + lane;
    if (i >= params.n_unit) {
        return;
    }
    let pair = params.unit_0 + i;
    let row = pair / params.units_per_row;
    let first = 2u * (pair % params.units_per_row);
    let byte = params.byte_0 + (row * params.row_units + first) * BLOCK_BYTES;
    var both = staged_half(byte);
    copy_quants(byte + 2u, row, first);
    if (first + 1u < params.row_units) {
        both |= staged_half(byte + BLOCK_BYTES) << 16u;
        copy_quants(byte + BLOCK_BYTES + 2u, row, first + 1u);
    }
    scales[params.row_0 * params.units_per_row + pair] = both;
}

fn copy_quants(byte: u32, row: u32, b: u32) {
    let at = ((params.row_0 + row) * params.row_units + b) * QUANT_WORDS;
    for (var k = 0u; k < QUANT_WORDS; k++) {
        quants[at + k] = staged_word(byte + 4u * k);
    }
}
