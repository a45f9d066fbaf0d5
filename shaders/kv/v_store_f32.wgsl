// V pages in f32.

// [n_page, n_head_kv, PAGE, head_dim / 2]
@group(0) @binding(6) var<storage, read_write> v_pages: array<vec2<f32>>;

// Elements 2i and 2i + 1.
fn v_store(i: u32, value: vec2<f32>) {
    v_pages[i] = value;
}
