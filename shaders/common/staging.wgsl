// Bytes of a model file as they came, at any byte offset.

@group(0) @binding(1) var<storage, read> staging: array<u32>;

fn staged_word(byte: u32) -> u32 {
    let shift = (byte & 3u) << 3u;
    let lo = staging[byte >> 2u];
    if (shift == 0u) {
        return lo;
    }
    return (lo >> shift) | (staging[(byte >> 2u) + 1u] << (32u - shift));
}
