// K pages in f16, read with shader-f16.

// [n_page, n_head_kv, PAGE, HEAD_DIM / 4]
@group(0) @binding(4) var<storage, read> k_pages: array<vec4<f16>>;

// Elements 8i .. 8i + 7.
fn k_load(i: u32) -> Chunk {
    return Chunk(vec4<f32>(k_pages[2u * i]), vec4<f32>(k_pages[2u * i + 1u]));
}
