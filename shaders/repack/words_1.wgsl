// A lane of `repack` makes one word: planes of scales, and pieces that are no whole fours of words.

alias Words = u32;

const LANE_WORDS = 1u;

fn staged(byte: u32) -> Words {
    return staged_word(byte);
}
