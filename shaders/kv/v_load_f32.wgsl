// V pages in f32.

// [n_page, n_head_kv, PAGE, HEAD_DIM / 4]
@group(0) @binding(5) var<storage, read> v_pages: array<vec4<f32>>;

// Elements 8i .. 8i + 7.
fn v_load(i: u32) -> Chunk {
    return Chunk(v_pages[2u * i], v_pages[2u * i + 1u]);
}
