//! `argmax`: the greedy choice, left on the GPU.

use crate::buffer::Binding;
use crate::caps::Caps;
use crate::plan::{Grid, Recorder};
use crate::shader::{Access, Shader};

#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Params {
    n_vocab: u32,
}

/// The shader.
#[must_use]
pub fn argmax_shader(caps: &Caps) -> Shader {
    let (lanes, _) = caps.row_reduce();
    Shader {
        name: "argmax",
        parts: vec!["argmax"],
        consts: vec![("WORKGROUP_SIZE", lanes)],
        bindings: vec![
            (0, Access::Uniform),
            (1, Access::Read),
            (2, Access::ReadWrite),
        ],
        f16: false,
        subgroups: false,
    }
}

/// Records `tokens[0] = argmax(logits)`, the lowest id on a tie.
///
/// # Shapes
/// `logits`: `[n_vocab]`; `tokens`: at least `[1]`.
///
/// # Panics
/// If the vocabulary is empty.
pub fn argmax(rec: &mut Recorder<'_>, n_vocab: u32, logits: &Binding, tokens: &Binding) {
    assert!(n_vocab > 0, "a vocabulary has tokens");
    let shader = argmax_shader(rec.device().caps());
    rec.dispatch(
        &shader,
        &Params { n_vocab },
        &[logits.clone(), tokens.clone()],
        Grid::Linear(1),
    );
}
