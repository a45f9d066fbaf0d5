// TQ1_0: w = (q - 1) * d. A block is 256 weights: a byte is a fraction of 256 whose first five
// digits in base 3 are five weights, of 32 bytes and then of 16; 4 more bytes hold four each; an
// f16.
// Twin: crates/reference/src/formats/tq1_0.rs

@group(0) @binding(1) var<storage, read> w: array<vec4<u32>>;  // [n_row, n_block / 8, 3]
@group(0) @binding(2) var<storage, read> w_last: array<u32>;  // [n_row, n_block / 8]
@group(0) @binding(3) var<storage, read> w_scale: array<u32>;  // f16, two to a word

const W_OFFSET: f32 = 1.0;

alias WSide = u32;

fn w_side(row: u32, b: u32, n_block: u32) -> WSide {
    return w_scale[half_word(row, b >> 3u, n_block >> 3u)];
}

fn w_run(side: WSide, row: u32, b: u32, n_block: u32) -> WBlock {
    let i = row * (n_block >> 3u) + (b >> 3u);
    let j = b & 7u;
    let wide = j < 5u;
    let lo = w[3u * i + select(2u, 0u, wide)];
    var hi = w[3u * i + select(2u, 1u, wide)];
    // From run 5 on, two digits of the 16 bytes; at last their fifth and those of the 4 bytes.
    let digit = select(2u * j - 10u, j, wide);
    var powers = vec4<u32>(power(digit + select(1u, 0u, wide)));
    if (j == 7u) {
        hi = vec4<u32>(w_last[i]);
        powers = vec4<u32>(1u, 3u, 9u, 27u);
    }
    let d = half_of(side, b >> 3u);
    return WBlock(
        digits(lo, vec4<u32>(power(digit))), digits(hi, powers), vec2<f32>(d), vec2<f32>(),
    );
}

// 3^n for n from 0 to 7.
fn power(n: u32) -> u32 {
    return select(1u, 3u, (n & 1u) != 0u) * select(1u, 9u, (n & 2u) != 0u)
        * select(1u, 81u, (n & 4u) != 0u);
}

// The digit behind log3(power) others of each byte: three times the fraction that is left.
fn digits(bytes: vec4<u32>, power: vec4<u32>) -> vec4<u32> {
    let mask = vec4<u32>(0x00ff00ffu);
    let even = ((bytes & mask) * power) & mask;
    let odd = (((bytes >> vec4<u32>(8u)) & mask) * power) & mask;
    return (((even * 3u) >> vec4<u32>(8u)) & vec4<u32>(0x00030003u))
        | ((odd * 3u) & vec4<u32>(0x03000300u));
}
