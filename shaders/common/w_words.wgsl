// Bits of a word put where formats want them.

// Number i of a plane of f16, of which `word` holds this one and its neighbour.
fn half_of(word: u32, i: u32) -> f32 {
    return unpack2x16float(word >> ((i & 1u) << 4u)).x;
}

// The word that holds number i of a plane of f16, n of them in a row.
fn half_word(row: u32, i: u32, n: u32) -> u32 {
    return row * ((n + 1u) >> 1u) + (i >> 1u);
}

// Byte i of a plane of bytes, of which `word` holds this one.
fn byte_of(word: u32, i: u32) -> u32 {
    return (word >> ((i & 3u) << 3u)) & 0xffu;
}

// Bits 0 .. 15 as bytes of 0 or 1: no two of the factor's copies of four bits meet.
fn bits_to_bytes(word: u32) -> vec4<u32> {
    let four = (vec4<u32>(word) >> vec4<u32>(0u, 4u, 8u, 12u)) & vec4<u32>(0xfu);
    return (four * 0x00204081u) & vec4<u32>(0x01010101u);
}

// The lowest four bits of each byte of a word, those of one place together.
fn low_bits(word: u32) -> vec4<u32> {
    return (vec4<u32>(word) >> vec4<u32>(0u, 1u, 2u, 3u)) & vec4<u32>(0x01010101u);
}

// Nibbles of four words: the low ones, or after a shift by 4 the high ones.
fn nibbles(words: vec4<u32>) -> vec4<u32> {
    return words & vec4<u32>(0x0f0f0f0fu);
}

// Pairs of bits of two words: weights 0 .. 15 in the lowest two pairs, after a shift by 4 the
// other 16.
fn pairs(words: vec2<u32>) -> vec4<u32> {
    return vec4<u32>(words, words >> vec2<u32>(2u)) & vec4<u32>(0x03030303u);
}

// Scale and min of run j of a Q4_K or Q5_K block: 6 bits each, the first four in the low bits of 8
// bytes, the others in 4 bytes of nibbles and the high bits that are left.
fn scale_min(words: vec3<u32>, j: u32) -> vec2<f32> {
    let at = vec3<u32>((j & 3u) << 3u);
    let bytes = words >> at;
    let first = bytes.xy & vec2<u32>(63u);
    let nibble = vec2<u32>(bytes.z, bytes.z >> 4u) & vec2<u32>(15u);
    let last = nibble | ((bytes.xy >> vec2<u32>(2u)) & vec2<u32>(0x30u));
    return vec2<f32>(select(last, first, j < 4u));
}

// Bytes from 1 to 127, negative where `negative` (bytes of 0 or 1) says so.
fn signed_bytes(bytes: vec4<u32>, negative: vec4<u32>) -> vec4<u32> {
    // No byte is 0, so that no carry leaves one.
    return (bytes ^ (negative * 0xffu)) + negative;
}

// Signs of two groups of 8 weights, 7 bits each, as 16 bits: the eighth makes their number even.
fn even_signs(first: u32, second: u32) -> u32 {
    let seven = vec2<u32>(first, second) & vec2<u32>(0x7fu);
    let eight = seven | ((countOneBits(seven) & vec2<u32>(1u)) << vec2<u32>(7u));
    return eight.x | (eight.y << 8u);
}

// Twice the E2M1 values of nibbles, one in each byte, as signed bytes.
fn fp4(n: vec4<u32>) -> vec4<u32> {
    let ones = vec4<u32>(0x01010101u);
    let m = n & (ones * 7u);
    // From 4 on: 4, 6, 8, 12. That is m, its lower two bits again, and 2 where both are set.
    let more = m & (((m >> vec4<u32>(2u)) & ones) * 3u);
    let value = m + more + ((more & (more >> vec4<u32>(1u)) & ones) * 2u);
    let any = m | (m >> vec4<u32>(1u)) | (m >> vec4<u32>(2u));
    return signed_bytes(value, (n >> vec4<u32>(3u)) & any & ones);
}

// In each byte `one` where the mask is set, else `zero`.
fn pick(mask: vec4<u32>, zero: vec4<u32>, one: vec4<u32>) -> vec4<u32> {
    return zero ^ (mask & (zero ^ one));
}

fn pick_byte(mask: vec4<u32>, zero: u32, one: u32) -> vec4<u32> {
    return pick(mask, vec4<u32>(zero * 0x01010101u), vec4<u32>(one * 0x01010101u));
}

// The values of IQ4_NL that nibbles, one in each byte, stand for, as signed bytes: a tree over
// their bits, because a table with run-time indices is memory on software adapters.
fn iq4(n: vec4<u32>) -> vec4<u32> {
    let ones = vec4<u32>(0x01010101u);
    let bit0 = (n & ones) * 0xffu;
    let bit1 = ((n >> vec4<u32>(1u)) & ones) * 0xffu;
    let bit2 = ((n >> vec4<u32>(2u)) & ones) * 0xffu;
    let bit3 = ((n >> vec4<u32>(3u)) & ones) * 0xffu;
    // -127 -104 -83 -65 -49 -35 -22 -10 1 13 25 38 53 69 89 113
    let v0 = pick(bit1, pick_byte(bit0, 0x81u, 0x98u), pick_byte(bit0, 0xadu, 0xbfu));
    let v4 = pick(bit1, pick_byte(bit0, 0xcfu, 0xddu), pick_byte(bit0, 0xeau, 0xf6u));
    let v8 = pick(bit1, pick_byte(bit0, 0x01u, 0x0du), pick_byte(bit0, 0x19u, 0x26u));
    let v12 = pick(bit1, pick_byte(bit0, 0x35u, 0x45u), pick_byte(bit0, 0x59u, 0x71u));
    return pick(bit3, pick(bit2, v0, v4), pick(bit2, v8, v12));
}
