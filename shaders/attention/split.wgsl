// How many positions each of the SPLITS parts of the cache has: decided from the step alone, so
// that the merge finds the same.

fn split_length(n_kv: u32) -> u32 {
    let even = (n_kv + SPLITS - 1u) / SPLITS;
    return max((even + 3u) / 4u * 4u, SPLIT_MIN);
}
