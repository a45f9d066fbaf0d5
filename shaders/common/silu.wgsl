// silu(v) = v / (1 + exp(-v)). Kept away from overflow: below -80 the result is less than the
// smallest normal number.

fn silu(v: f32) -> f32 {
    return v / (1.0 + exp(-max(v, -80.0)));
}
