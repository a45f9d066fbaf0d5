// V pages in f16, read as packed halves: the base tier.

// [n_page, n_head_kv, PAGE, HEAD_DIM / 8]
@group(0) @binding(5) var<storage, read> v_pages: array<vec4<u32>>;

// Elements 8i .. 8i + 7.
fn v_load(i: u32) -> Chunk {
    let halves = v_pages[i];
    return Chunk(
        vec4<f32>(unpack2x16float(halves.x), unpack2x16float(halves.y)),
        vec4<f32>(unpack2x16float(halves.z), unpack2x16float(halves.w)),
    );
}
