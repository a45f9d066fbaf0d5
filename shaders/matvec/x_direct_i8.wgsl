// Block b of x as int8, each lane for itself: rounded again by every workgroup, which saves a
// dispatch before each matrix.

fn x_load(b: u32, lane: u32) -> XBlock {
    return x_quantized(
        x_vec4(8u * b), x_vec4(8u * b + 1u), x_vec4(8u * b + 2u), x_vec4(8u * b + 3u),
        x_vec4(8u * b + 4u), x_vec4(8u * b + 5u), x_vec4(8u * b + 6u), x_vec4(8u * b + 7u),
    );
}
