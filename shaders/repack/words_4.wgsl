// A lane of `repack` makes four words, of which each piece has whole fours, in fields of 4 bits or
// bytes: five loads where four words each on their own take eight.

alias Words = vec4<u32>;

const LANE_WORDS = 4u;

fn staged(byte: u32) -> Words {
    let i = byte >> 2u;
    let shift = (byte & 3u) << 3u;
    let lo = vec4<u32>(staging[i], staging[i + 1u], staging[i + 2u], staging[i + 3u]);
    if (shift == 0u) {
        return lo;
    }
    let hi = vec4<u32>(lo.yzw, staging[i + 4u]);
    return (lo >> vec4<u32>(shift)) | (hi << vec4<u32>(32u - shift));
}
