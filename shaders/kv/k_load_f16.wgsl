// K pages in f16, read as packed halves: the base tier.

// [n_page, n_head_kv, PAGE, HEAD_DIM / 8]
@group(0) @binding(4) var<storage, read> k_pages: array<vec4<u32>>;

// Elements 8i .. 8i + 7.
fn k_load(i: u32) -> Chunk {
    let halves = k_pages[i];
    return Chunk(
        vec4<f32>(unpack2x16float(halves.x), unpack2x16float(halves.y)),
        vec4<f32>(unpack2x16float(halves.z), unpack2x16float(halves.w)),
    );
}
