// Weights and int8 x of the tile in workgroup memory, each block unpacked once for the whole
// workgroup. Both kinds of block are 48 bytes: lanes on neighbouring ones read different banks.

const TILE_ROWS = LANES_M * ROWS;
const TILE_TOKENS = LANES_N * TILE_N;

var<workgroup> w_tile: array<WBlock, TILE_ROWS>;
var<workgroup> x_tile: array<XBlock, TILE_TOKENS>;

fn multiply(group: vec3<u32>, lane: u32, unit_0: u32, token_0: u32) {
    var lo = array<vec4<f32>, TILE_N>();
    var hi = array<vec4<f32>, TILE_N>();
    for (var b = 0u; b < params.n_block; b++) {
        for (var i = lane; i < TILE_ROWS + TILE_TOKENS; i += WORKGROUP_SIZE) {
            stage(group, i, b);
        }
        workgroupBarrier();
        let ws = tile_rows(lane % LANES_M, 0u);
        let more = tile_rows(lane % LANES_M, ROWS - 4u);
        for (var n = 0u; n < TILE_N; n++) {
            let xs = x_tile[lane / LANES_M + n * LANES_N];
            lo[n] += products(ws, xs);
            if (ROWS > 4u) {
                hi[n] += products(more, xs);
            }
        }
        workgroupBarrier();
    }
    for (var n = 0u; n < TILE_N; n++) {
        finish_token(token_0 + n * LANES_N, unit_0, lo[n], hi[n]);
    }
}

fn tile_rows(lane_m: u32, r: u32) -> FourRows {
    return FourRows(
        w_tile[r * LANES_M + lane_m], w_tile[(r + 1u) * LANES_M + lane_m],
        w_tile[(r + 2u) * LANES_M + lane_m], w_tile[(r + 3u) * LANES_M + lane_m],
    );
}

// Rows of weights first, then tokens.
fn stage(group: vec3<u32>, i: u32, b: u32) {
    if (i < TILE_ROWS) {
        let unit_0 = group.y * (LANES_M * UNITS) + i % LANES_M;
        w_tile[i] = w_row(weight_row(unit_0, LANES_M, i / LANES_M), b);
    } else {
        let token = min(group.x * TILE_TOKENS + i - TILE_ROWS, step.n_token - 1u);
        x_tile[i - TILE_ROWS] = x_load(token * params.n_block + b, 0u);
    }
}
