//! Every GPU op against its CPU twin, on shapes around the workgroup's size, in both parameter sets and every tier that
//! the adapter has.

mod any_bits;
mod attention;
mod cache;
mod products;
mod repack;
mod rope_kv;
mod rows;

use ggweb_gpu::shader::Shader;
use ggweb_tests::compare::nmse;

/// Order of f32 sums differs, and `exp` and division may be off by a few units in the last place: squares of 1e-6.
const F32: f64 = 1e-11;

/// Bit-equal: only moved or compared, never computed.
const EXACT: f64 = 0.0;

/// One result against the twin's, by normalised mean squared error.
fn check(case: &str, got: &[f32], want: &[f32], tolerance: f64) {
    let error = nmse(got, want);
    assert!(
        error <= tolerance,
        "{case}: error {error:e}, allowed {tolerance:e}"
    );
}

/// Sizes around a multiple of what a workgroup takes.
fn around(size: usize) -> Vec<usize> {
    let mut sizes = vec![1, size - 1, size, size + 1, 2 * size + 3];
    sizes.retain(|&size| size > 0);
    sizes.dedup();
    sizes
}

/// Texts that were checked on one device already: tiers and parameter sets share many.
#[derive(Debug, Default)]
struct Seen(Vec<Shader>);

impl Seen {
    /// Whether this is the first time.
    fn first(&mut self, shader: Shader) -> bool {
        let first = !self.0.contains(&shader);
        if first {
            self.0.push(shader);
        }
        first
    }
}
