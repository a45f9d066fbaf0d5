// Blocks of a file become one plane: its pieces of each block, tight, in block order. A lane makes
// LANE_WORDS words of the plane, which come from words side by side in the file; the part joined
// behind says how many and gives `staged`. A piece with BITS below 8 is groups of 32 bytes in which
// a byte has a field of each of 8 / BITS runs of weights; the plane has the fields of a run
// together, in BITS words.
// Rust joins before it BLOCK_BYTES and PLANE_BYTES, a block's bytes in the file and in the plane,
// UNIT_BLOCKS, and for up to three pieces BEGIN_i, WORDS_i and BITS_i.
// Twin: crates/reference/src/formats/planes.rs

struct Params {
    byte_0: u32,         // where row_0 begins in staging; may wrap below zero
    row_0: u32,
    unit_0: u32,         // the first UNIT_BLOCKS blocks to do, counted from row_0
    n_unit: u32,         // units
    units_per_row: u32,  // units per row; a last one that is cut counts
    row_units: u32,      // blocks per row
}

@group(0) @binding(0) var<uniform> params: Params;
// [n_row, ceil(row_units * PLANE_BYTES / 4) / LANE_WORDS]
@group(0) @binding(2) var<storage, read_write> plane: array<Words>;

const UNIT_LANES = UNIT_BLOCKS * PLANE_BYTES / 4u / LANE_WORDS;
// Of a plane whose blocks are no whole words.
const SCALE_BITS = min(8u * PLANE_BYTES, 16u);

@compute @workgroup_size(WORKGROUP_SIZE)
fn repack(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) n_group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let i = (group.x + group.y * n_group.x) * WORKGROUP_SIZE + lane;
    if (i >= params.n_unit * UNIT_LANES) {
        return;
    }
    let unit = params.unit_0 + i / UNIT_LANES;
    let row = unit / params.units_per_row;
    let row_words = (params.row_units * PLANE_BYTES + 3u) / 4u;
    let in_row = (unit % params.units_per_row) * UNIT_LANES + i % UNIT_LANES;
    let word = in_row * LANE_WORDS;
    if (word < row_words) {
        let at = (params.row_0 + row) * (row_words / LANE_WORDS) + in_row;
        plane[at] = plane_words(row * params.row_units, word);
    }
}

// The words from `word` on of the row whose first block is `block_0`.
fn plane_words(block_0: u32, word: u32) -> Words {
    let block = word * 4u / PLANE_BYTES;
    let byte = params.byte_0 + (block_0 + block) * BLOCK_BYTES;
    if (PLANE_BYTES < 4u) {
        return Words(scales(byte + BEGIN_0, params.row_units - block));
    }
    let k = word - block * (PLANE_BYTES / 4u);
    if (k < WORDS_0) {
        return piece_words(byte + BEGIN_0, k, BITS_0);
    }
    if (k < WORDS_0 + WORDS_1) {
        return piece_words(byte + BEGIN_1, k - WORDS_0, BITS_1);
    }
    return piece_words(byte + BEGIN_2, k - WORDS_0 - WORDS_1, BITS_2);
}

// One or two bytes of each block, of at most `n_block` blocks that are left of the row.
fn scales(byte: u32, n_block: u32) -> u32 {
    var packed = 0u;
    for (var i = 0u; i < min(UNIT_BLOCKS, n_block); i++) {
        let scale = staged_word(byte + i * BLOCK_BYTES) & ((1u << SCALE_BITS) - 1u);
        packed |= scale << (i * SCALE_BITS);
    }
    return packed;
}

fn piece_words(byte: u32, k: u32, bits: u32) -> Words {
    let run = k % 8u / bits;
    let first = byte + k / 8u * 32u + k % bits * 4u;
    // The lowest field of every byte.
    let fields = Words(((1u << bits) - 1u) * 0x01010101u);
    var packed = Words(0u);
    for (var i = 0u; i < 8u / bits; i++) {
        let words = staged(first + 4u * bits * i) >> Words(bits * run);
        packed |= (words & fields) << Words(bits * i);
    }
    return packed;
}
