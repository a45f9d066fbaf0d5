// A block of 32 values of x, as `w_dot` wants them, and the sums of its halves. Named members and
// not an array: software adapters keep arrays with run-time indices in memory.

struct XBlock {
    v0: vec4<f32>,
    v1: vec4<f32>,
    v2: vec4<f32>,
    v3: vec4<f32>,
    v4: vec4<f32>,
    v5: vec4<f32>,
    v6: vec4<f32>,
    v7: vec4<f32>,
    sums: vec2<f32>,
}
