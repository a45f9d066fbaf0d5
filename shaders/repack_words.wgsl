// Rows of plain numbers go from staging to a plane whose rows are padded to whole runs of 32
// weights. One lane per word of the file.
// Twin: crates/reference/src/formats/planes.rs

struct Params {
    byte_0: u32,         // where row_0 begins in staging; may wrap below zero
    row_0: u32,
    unit_0: u32,         // the first word to do, counted from row_0
    n_unit: u32,         // words
    units_per_row: u32,  // words per row of the file
    row_units: u32,      // words per row of the plane
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read_write> plane: array<u32>;  // [n_row, row_units]

@compute @workgroup_size(WORKGROUP_SIZE)
fn repack_words(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) n_group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let i = (group.x + group.y * n_group.x) * WORKGROUP_SIZE + lane;
    if (i >= params.n_unit) {
        return;
    }
    let word = params.unit_0 + i;
    let row = params.row_0 + word / params.units_per_row;
    let at = row * params.row_units + word % params.units_per_row;
    plane[at] = staged_word(params.byte_0 + 4u * word);
}
