// K pages in f16, written as packed halves.

// [n_page, n_head_kv, PAGE, head_dim / 2]
@group(0) @binding(5) var<storage, read_write> k_pages: array<u32>;

// Elements 2i and 2i + 1.
fn k_store(i: u32, value: vec2<f32>) {
    k_pages[i] = pack2x16float(value);
}
