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

struct Halves {
    lo: vec4<u32>,
    hi: vec4<u32>,
}

// The values of IQ4_NL that nibbles stand for, as signed bytes: -127 -104 -83 -65 -49 -35 -22 -10
// 1 13 25 38 53 69 89 113. A table with run-time indices is memory on software adapters; these are
// its bits as functions of the nibbles' bits, found by search, for eight nibbles at once. With 128
// added, the upper nibbles are 0 .. 8, 8 .. 13 and 15: the nibble itself, or one less.
fn iq4(words: vec4<u32>) -> Halves {
    let ones = vec4<u32>(0x11111111u);
    let n0 = words & ones;
    let n1 = (words >> vec4<u32>(1u)) & ones;
    let n2 = (words >> vec4<u32>(2u)) & ones;
    let n3 = (words >> vec4<u32>(3u)) & ones;
    let v1 = n2 ^ ((n2 & n3) | (n0 & (n1 ^ n2)));
    let less = n3 & ((n1 ^ n2) | (n0 ^ n2));
    let v2 = (v1 & n0) | (n1 ^ (n2 | less));
    let v3 = less ^ ((n0 & n2) ^ (v1 | (v2 ^ n0)));
    let v0 = n1 ^ v2 ^ (less | (n1 ^ v3)) ^ ones;
    let lower = v0 | (v1 << vec4<u32>(1u)) | (v2 << vec4<u32>(2u)) | (v3 << vec4<u32>(3u));
    // Without the 128 again.
    let upper = (words - less) ^ vec4<u32>(0x88888888u);
    return Halves(
        nibbles(lower) | (nibbles(upper) << vec4<u32>(4u)),
        nibbles(lower >> vec4<u32>(4u)) | (upper & vec4<u32>(0xf0f0f0f0u)),
    );
}
