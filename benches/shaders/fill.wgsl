// words[i] = (hash(i) & keep) | add: bits without a pattern, or small numbers where `keep` and
// `add` say so.

struct Params {
    n_word: u32,
    keep: u32,
    add: u32,
    seed: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> words: array<u32>;  // [n_word]

@compute @workgroup_size(WORKGROUP_SIZE)
fn fill(
    @builtin(global_invocation_id) id: vec3<u32>,
    @builtin(num_workgroups) n_group: vec3<u32>,
) {
    for (var i = id.x; i < params.n_word; i += n_group.x * WORKGROUP_SIZE) {
        words[i] = (hash(i ^ params.seed) & params.keep) | params.add;
    }
}

// PCG's output function over a linear congruence.
fn hash(i: u32) -> u32 {
    let state = i * 747796405u + 2891336453u;
    let word = ((state >> ((state >> 28u) + 4u)) ^ state) * 277803737u;
    return (word >> 22u) ^ word;
}
