// Weights and x of the tile in workgroup memory, dequantized once for the whole workgroup. Rows lie
// 8 vec4 apart; the column is exclusive-ored with the row, so that lanes on neighbouring rows read
// different banks.

@group(0) @binding(6) var<storage, read> x: array<vec4<f32>>;     // [n_token, n_block * 8]

const TILE_ROWS = LANES_M * ROWS;
const TILE_TOKENS = LANES_N * TILE_N;

var<workgroup> w_tile: array<vec4<f32>, TILE_ROWS * 8u>;
var<workgroup> x_tile: array<vec4<f32>, TILE_TOKENS * 8u>;

fn place(row: u32, j: u32) -> u32 {
    return row * 8u + (j ^ (row & 7u));
}

fn multiply(group: vec3<u32>, lane: u32, unit_0: u32, token_0: u32) {
    var lo = array<vec4<f32>, TILE_N>();
    var hi = array<vec4<f32>, TILE_N>();
    for (var b = 0u; b < params.n_block; b++) {
        stage(group, lane, b);
        workgroupBarrier();
        for (var j = 0u; j < 8u; j++) {
            let ws = tile_rows(lane % LANES_M, 0u, j);
            let more = tile_rows(lane % LANES_M, ROWS - 4u, j);
            for (var n = 0u; n < TILE_N; n++) {
                let v = x_tile[place(lane / LANES_M + n * LANES_N, j)];
                lo[n] += ws * v;
                hi[n] += more * v;
            }
        }
        workgroupBarrier();
    }
    for (var n = 0u; n < TILE_N; n++) {
        finish_token(token_0 + n * LANES_N, unit_0, lo[n], hi[n]);
    }
}

// Column j of four rows of the lane: with v as a row vector, `m * v` is the four dot products.
fn tile_rows(lane_m: u32, r: u32, j: u32) -> mat4x4<f32> {
    return transpose(mat4x4<f32>(
        w_tile[place(r * LANES_M + lane_m, j)],
        w_tile[place((r + 1u) * LANES_M + lane_m, j)],
        w_tile[place((r + 2u) * LANES_M + lane_m, j)],
        w_tile[place((r + 3u) * LANES_M + lane_m, j)],
    ));
}

fn stage(group: vec3<u32>, lane: u32, b: u32) {
    for (var i = lane; i < TILE_ROWS * 8u; i += WORKGROUP_SIZE) {
        let tile_row = i >> 3u;
        let unit_0 = group.y * (LANES_M * UNITS) + tile_row % LANES_M;
        let row = weight_row(unit_0, LANES_M, tile_row / LANES_M);
        w_tile[place(tile_row, i & 7u)] = w_vec4(w_block(row, b, params.n_block), i & 7u);
    }
    for (var i = lane; i < TILE_TOKENS * 8u; i += WORKGROUP_SIZE) {
        let token = min(group.x * TILE_TOKENS + (i >> 3u), step.n_token - 1u);
        x_tile[place(i >> 3u, i & 7u)] = x[8u * (token * params.n_block + b) + (i & 7u)];
    }
}
