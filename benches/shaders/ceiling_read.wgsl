// A ceiling: every vec4 of `words` is read once and next to nothing is done with it. A lane takes
// LOADS of them in a row of the loop, written out. NEAR 1: the lanes of a workgroup read
// neighbouring vec4 (what GPUs want); NEAR 0: each lane reads a run of its own (what software
// adapters do not mind).

struct Params {
    n_vec4: u32,     // a multiple of what one turn of all lanes takes
    n_turn: u32,     // turns of the loop
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> words: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> y: array<u32>;

const STRIDE = select(1u, WORKGROUP_SIZE, NEAR == 1u);

@compute @workgroup_size(WORKGROUP_SIZE)
fn ceiling_read(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let group_0 = group.x * WORKGROUP_SIZE * LOADS * params.n_turn;
    let far_0 = group_0 + lane * LOADS * params.n_turn;
    var at = select(far_0, group_0 + lane, NEAR == 1u);
    var sum = vec4<u32>(0u);
    for (var turn = 0u; turn < params.n_turn; turn++) {
        sum ^= words[at] ^ words[at + STRIDE];
        sum ^= words[at + 2u * STRIDE] ^ words[at + 3u * STRIDE];
        if (LOADS > 4u) {
            sum ^= words[at + 4u * STRIDE] ^ words[at + 5u * STRIDE];
            sum ^= words[at + 6u * STRIDE] ^ words[at + 7u * STRIDE];
        }
        at += LOADS * STRIDE;
    }
    let all = sum.x ^ sum.y ^ sum.z ^ sum.w;
    // Never so, but no compiler knows.
    if (all == 0x9e3779b9u && params.n_vec4 == 1u) {
        y[0] = all;
    }
}
