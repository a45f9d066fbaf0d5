//! `get_rows`: token ids become rows of the embedding.

use ggweb_gguf::GgmlType;

use super::{WeightParts, weight_bindings, weight_parts};
use crate::buffer::Binding;
use crate::caps::Caps;
use crate::plan::{Grid, Recorder};
use crate::shader::{Access, Shader};
use crate::weight::Weight;

#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Params {
    n_embd: u32,
    n_block: u32,
    row_begin: u32,
    n_row: u32,
}

/// The shader for one type.
#[must_use]
pub fn get_rows_shader(caps: &Caps, ggml_type: GgmlType) -> Shader {
    let WeightParts {
        mut parts,
        mut bindings,
        mut consts,
        f16,
    } = weight_parts(ggml_type, caps);
    parts.extend(["get_rows", "common/w_block"]);
    bindings.extend([(5, Access::Read), (6, Access::ReadWrite)]);
    let (lanes, _) = caps.row_reduce();
    consts.extend([("WORKGROUP_SIZE", lanes.min(64))]);
    Shader {
        name: "get_rows",
        parts,
        consts,
        bindings,
        f16,
        subgroups: false,
    }
}

/// Records `y[t] = weight[tokens[t]]`.
///
/// # Shapes
/// `weight`: `[n_vocab, n_embd]`; `tokens`: `[n_token]`; `y`: `[n_token, n_embd]`.
pub fn get_rows(rec: &mut Recorder<'_>, weight: &Weight, tokens: &Binding, y: &Binding) {
    let shader = get_rows_shader(rec.device().caps(), weight.layout.ggml_type);
    for part in &weight.parts {
        let params = Params {
            n_embd: weight.layout.n_in,
            n_block: weight.layout.n_block(),
            row_begin: part.row_begin,
            n_row: part.n_row,
        };
        let mut bindings = weight_bindings(rec.device(), &weight.layout, part);
        bindings.extend([tokens.clone(), y.clone()]);
        rec.dispatch(
            &shader,
            &params,
            &bindings,
            Grid::Tokens {
                per_token: 1,
                per_group: 1,
                y: 1,
            },
        );
    }
}
