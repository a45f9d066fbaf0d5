// A run of 32 weights on its own: what its neighbour shares is read for it alone.

fn w_block(row: u32, b: u32, n_block: u32) -> WBlock {
    return w_run(w_side(row, b, n_block), row, b, n_block);
}
