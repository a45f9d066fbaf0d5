// A ceiling: CHAINS vec4 of independent multiply-adds per lane, 4 or 8, written out, and no memory.
// FUSED 1 asks for `fma`, 0 leaves it to the compiler to fuse a product and a sum.

struct Params {
    n_turn: u32,     // turns of the loop, of 4 multiply-adds for each of the 4 CHAINS numbers
    seed: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn ceiling_fma(@builtin(global_invocation_id) id: vec3<u32>) {
    let m = vec4<f32>(1.0 - params.seed);
    var a0 = vec4<f32>(f32(id.x), 1.0, 2.0, 3.0) * params.seed;
    var a1 = a0 + params.seed;
    var a2 = a1 + params.seed;
    var a3 = a2 + params.seed;
    var a4 = a3 + params.seed;
    var a5 = a4 + params.seed;
    var a6 = a5 + params.seed;
    var a7 = a6 + params.seed;
    for (var turn = 0u; turn < params.n_turn; turn++) {
        a0 = step_of(a0, m);
        a1 = step_of(a1, m);
        a2 = step_of(a2, m);
        a3 = step_of(a3, m);
        if (CHAINS > 4u) {
            a4 = step_of(a4, m);
            a5 = step_of(a5, m);
            a6 = step_of(a6, m);
            a7 = step_of(a7, m);
        }
    }
    let all = (a0 + a1) + (a2 + a3) + (a4 + a5) + (a6 + a7);
    // Never so, but no compiler knows.
    if (all.x + all.y + all.z + all.w == 12345.678) {
        y[0] = all.x;
    }
}

// Four multiply-adds of each component, one behind the other.
fn step_of(a: vec4<f32>, m: vec4<f32>) -> vec4<f32> {
    if (FUSED == 1u) {
        return fma(fma(fma(fma(a, m, m), m, m), m, m), m, m);
    }
    return (((a * m + m) * m + m) * m + m) * m + m;
}
