// token = the id of the greatest logit, the lowest id on a tie.
// One workgroup; each lane strides over the vocabulary.
// Twin: crates/reference/src/ops/argmax.rs

struct Params {
    n_vocab: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> logits: array<f32>;        // [n_vocab]
@group(0) @binding(2) var<storage, read_write> tokens: array<u32>;  // the first one is written

var<workgroup> best_value: array<f32, WORKGROUP_SIZE>;
var<workgroup> best_id: array<u32, WORKGROUP_SIZE>;

@compute @workgroup_size(WORKGROUP_SIZE)
fn argmax(@builtin(local_invocation_index) lane: u32) {
    var value = logits[min(lane, params.n_vocab - 1u)];
    var id = min(lane, params.n_vocab - 1u);
    for (var i = lane + WORKGROUP_SIZE; i < params.n_vocab; i += WORKGROUP_SIZE) {
        if (logits[i] > value) {
            value = logits[i];
            id = i;
        }
    }
    best_value[lane] = value;
    best_id[lane] = id;
    workgroupBarrier();
    for (var half = WORKGROUP_SIZE >> 1u; half > 0u; half >>= 1u) {
        if (lane < half) {
            let other = best_value[lane + half];
            let other_id = best_id[lane + half];
            let tie = other == best_value[lane] && other_id < best_id[lane];
            if (other > best_value[lane] || tie) {
                best_value[lane] = other;
                best_id[lane] = other_id;
            }
        }
        workgroupBarrier();
    }
    if (lane == 0u) {
        tokens[0] = best_id[0];
    }
}
