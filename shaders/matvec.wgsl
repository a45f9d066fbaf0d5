// y[o] = epilogue(sum_i w[o, i] * x[i] + bias[o]) for one token. LANES_K lanes share a row's
// blocks, RUNS side by side in a step, which then share the scales that lie in one word; each lane
// takes ROWS rows, 4 or 8, so that one load of x serves them all; a workgroup has LANES_ROW such
// teams. The epilogue makes UNITS outputs of ROWS rows. Written out row by row: drivers of software
// adapters leave such a loop rolled and its sums in memory (10 times slower).
// Twin: crates/reference/src/ops/matmul.rs

struct Params {
    n_block: u32,    // blocks of 32 weights per row
    n_out: u32,      // outputs of these planes
    row_begin: u32,  // where they stand in y and bias
    eps: f32,        // of the norm, if x goes through one
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(5) var<storage, read> bias: array<f32>;        // [n_out]
@group(0) @binding(6) var<storage, read> x: array<vec4<f32>>;     // [n_block * 8]
@group(0) @binding(7) var<storage, read_write> y: array<f32>;     // [n_out]

struct FourSides {
    a: WSide,
    b: WSide,
    c: WSide,
    d: WSide,
}

// What the RUNS runs of a step share, of each row.
struct Sides {
    lo: FourSides,
    hi: FourSides,
}

struct Sums {
    lo: vec4<f32>,
    hi: vec4<f32>,
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn matvec(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) n_group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let unit_0 = ((group.x + group.y * n_group.x) * LANES_ROW + lane / LANES_K) * UNITS;
    var lo = vec4<f32>(0.0);
    var hi = vec4<f32>(0.0);
    for (var b = RUNS * (lane % LANES_K); b < params.n_block; b += RUNS * LANES_K) {
        let sides = sides_of(unit_0, b);
        let first = products(sides, unit_0, b, lane);
        lo += first.lo;
        hi += first.hi;
        if (RUNS > 1u && b + 1u < params.n_block) {
            let second = products(sides, unit_0, b + 1u, lane);
            lo += second.lo;
            hi += second.hi;
        }
    }
    lo = reduce_rows(lo, lane);
    if (ROWS > 4u) {
        hi = reduce_rows(hi, lane);
    }
    let scale = x_scale(lane);
    if (lane % LANES_K == 0u) {
        finish(0u, unit_0, 1u, lo * scale, hi * scale);
    }
}

fn sides_of(unit_0: u32, b: u32) -> Sides {
    let lo = four_sides(unit_0, 0u, b);
    if (ROWS > 4u) {
        return Sides(lo, four_sides(unit_0, 4u, b));
    }
    return Sides(lo, lo);
}

fn four_sides(unit_0: u32, r: u32, b: u32) -> FourSides {
    return FourSides(
        w_side(weight_row(unit_0, 1u, r), b, params.n_block),
        w_side(weight_row(unit_0, 1u, r + 1u), b, params.n_block),
        w_side(weight_row(unit_0, 1u, r + 2u), b, params.n_block),
        w_side(weight_row(unit_0, 1u, r + 3u), b, params.n_block),
    );
}

fn products(sides: Sides, unit_0: u32, b: u32, lane: u32) -> Sums {
    let xs = x_load(b, lane);
    let lo = four_rows(sides.lo, unit_0, 0u, b, xs);
    if (ROWS > 4u) {
        return Sums(lo, four_rows(sides.hi, unit_0, 4u, b, xs));
    }
    return Sums(lo, vec4<f32>(0.0));
}

fn four_rows(sides: FourSides, unit_0: u32, r: u32, b: u32, xs: XBlock) -> vec4<f32> {
    return vec4<f32>(
        w_dot(w_run(sides.a, weight_row(unit_0, 1u, r), b, params.n_block), xs),
        w_dot(w_run(sides.b, weight_row(unit_0, 1u, r + 1u), b, params.n_block), xs),
        w_dot(w_run(sides.c, weight_row(unit_0, 1u, r + 2u), b, params.n_block), xs),
        w_dot(w_run(sides.d, weight_row(unit_0, 1u, r + 3u), b, params.n_block), xs),
    );
}
