// A block of 32 values of x as int8: x[i] = q[i] * scale, where the largest |x[i]| has q = 127. The
// sums of q over both halves are what offsets and minima of weights are multiplied by.
// Twin: crates/reference/src/ops/quantize.rs

struct XBlock {
    lo: vec4<u32>,    // q of values 0 .. 15, a byte each
    hi: vec4<u32>,    // q of values 16 .. 31
    scale: f32,
    sums: vec2<f32>,  // whole numbers
}

// What keeps a block of zeros from a division by nothing.
const X_LEAST = 0x1p-100;

fn largest_of(v: vec4<f32>) -> f32 {
    let a = abs(v);
    return max(max(a.x, a.y), max(a.z, a.w));
}

// Four values in the block whose largest is `largest`.
fn to_bytes(v: vec4<f32>, largest: f32) -> u32 {
    return pack4xI8(vec4<i32>(round(v * (127.0 / max(largest, X_LEAST)))));
}

// The sum of four bytes.
fn sum_4(word: u32) -> i32 {
    return dot4I8Packed(word, 0x01010101u);
}

fn sum_16(words: vec4<u32>) -> i32 {
    return (sum_4(words.x) + sum_4(words.y)) + (sum_4(words.z) + sum_4(words.w));
}

fn dot_16(a: vec4<u32>, b: vec4<u32>) -> i32 {
    return (dot4I8Packed(a.x, b.x) + dot4I8Packed(a.y, b.y))
        + (dot4I8Packed(a.z, b.z) + dot4I8Packed(a.w, b.w));
}

// A block of 32 values that one lane has.
fn x_quantized(
    v0: vec4<f32>, v1: vec4<f32>, v2: vec4<f32>, v3: vec4<f32>,
    v4: vec4<f32>, v5: vec4<f32>, v6: vec4<f32>, v7: vec4<f32>,
) -> XBlock {
    let lo_4 = max(max(abs(v0), abs(v1)), max(abs(v2), abs(v3)));
    let hi_4 = max(max(abs(v4), abs(v5)), max(abs(v6), abs(v7)));
    let largest = largest_of(max(lo_4, hi_4));
    let lo = vec4<u32>(
        to_bytes(v0, largest), to_bytes(v1, largest), to_bytes(v2, largest), to_bytes(v3, largest),
    );
    let hi = vec4<u32>(
        to_bytes(v4, largest), to_bytes(v5, largest), to_bytes(v6, largest), to_bytes(v7, largest),
    );
    return XBlock(lo, hi, largest / 127.0, vec2<f32>(vec2<i32>(sum_16(lo), sum_16(hi))));
}
