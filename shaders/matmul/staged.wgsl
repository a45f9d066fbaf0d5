// Weights and x of the tile in workgroup memory, dequantized once for the whole workgroup.
// Rows lie 8 vec4 apart; the column is exclusive-ored with the row, so that lanes on neighbouring rows read
// different banks.

const TILE_ROWS = LANES_M * TILE_M;
const TILE_TOKENS = LANES_N * TILE_N;

var<workgroup> w_tile: array<vec4<f32>, TILE_ROWS * 8u>;
var<workgroup> x_tile: array<vec4<f32>, TILE_TOKENS * 8u>;

fn place(row: u32, j: u32) -> u32 {
    return row * 8u + (j ^ (row & 7u));
}

fn multiply_block(b: u32, group: vec3<u32>, lane: u32, acc: ptr<function, array<f32, TILE_M * TILE_N>>) {
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
    workgroupBarrier();
    let m_0 = lane % LANES_M;
    let n_0 = lane / LANES_M;
    for (var j = 0u; j < 8u; j++) {
        var ws: array<vec4<f32>, TILE_M>;
        for (var m = 0u; m < TILE_M; m++) {
            ws[m] = w_tile[place(m_0 + m * LANES_M, j)];
        }
        for (var n = 0u; n < TILE_N; n++) {
            let v = x_tile[place(n_0 + n * LANES_N, j)];
            for (var m = 0u; m < TILE_M; m++) {
                (*acc)[n * TILE_M + m] += dot(ws[m], v);
            }
        }
    }
    workgroupBarrier();
}
