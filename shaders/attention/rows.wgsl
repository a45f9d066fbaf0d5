// Four query rows at a time, written out: software adapters keep arrays with run-time indices in
// memory.

// Eight elements of a head.
struct Chunk {
    lo: vec4<f32>,
    hi: vec4<f32>,
}

struct FourRows {
    a: Chunk,
    b: Chunk,
    c: Chunk,
    d: Chunk,
}

// Scores of four rows at each of four positions.
struct Scores {
    at0: vec4<f32>,
    at1: vec4<f32>,
    at2: vec4<f32>,
    at3: vec4<f32>,
}

// This lane's chunk of a query row, scaled; zero where the head has no such chunk.
fn q_chunk(row: u32, kv_head: u32, d: u32) -> Chunk {
    let gqa = params.n_head / params.n_head_kv;
    let head = kv_head * gqa + row % gqa;
    let at = (row / gqa) * params.q_stride + 2u * (head * N_CHUNK + min(d, N_CHUNK - 1u));
    let scale = select(0.0, params.scale, d < N_CHUNK);
    return Chunk(q[at] * scale, q[at + 1u] * scale);
}

// Where this lane's chunk of a position lies in the pages.
fn kv_chunk(kv: u32, n_kv: u32, kv_head: u32, d: u32) -> u32 {
    let at = min(kv, n_kv - 1u);
    let row = (block_table[at / PAGE] * params.n_head_kv + kv_head) * PAGE + at % PAGE;
    return row * N_CHUNK + min(d, N_CHUNK - 1u);
}

fn scores(qs: FourRows, k: Chunk) -> vec4<f32> {
    return vec4<f32>(
        dot(qs.a.lo, k.lo) + dot(qs.a.hi, k.hi), dot(qs.b.lo, k.lo) + dot(qs.b.hi, k.hi),
        dot(qs.c.lo, k.lo) + dot(qs.c.hi, k.hi), dot(qs.d.lo, k.lo) + dot(qs.d.hi, k.hi),
    );
}

fn fold(acc: Chunk, fade: f32, p: vec4<f32>, v0: Chunk, v1: Chunk, v2: Chunk, v3: Chunk) -> Chunk {
    return Chunk(
        acc.lo * fade + ((p.x * v0.lo + p.y * v1.lo) + (p.z * v2.lo + p.w * v3.lo)),
        acc.hi * fade + ((p.x * v0.hi + p.y * v1.hi) + (p.z * v2.hi + p.w * v3.hi)),
    );
}

fn finish(row: u32, kv_head: u32, split: u32, d: u32, sum: Chunk, greatest: f32, weight: f32) {
    let gqa = params.n_head / params.n_head_kv;
    if (row >= step.n_token * gqa) {
        return;
    }
    let token = row / gqa;
    let head = kv_head * gqa + row % gqa;
    if (SPLITS == 1u) {
        let at = token * params.out_stride + 2u * (head * N_CHUNK + d);
        out[at] = sum.lo / weight;
        out[at + 1u] = sum.hi / weight;
        return;
    }
    let at = ((token * params.n_head + head) * SPLITS + split) * (2u * N_CHUNK + 1u);
    out[at + 2u * d] = sum.lo;
    out[at + 2u * d + 1u] = sum.hi;
    if (d == 0u) {
        out[at + 2u * N_CHUNK] = vec4<f32>(greatest, weight, 0.0, 0.0);
    }
}
