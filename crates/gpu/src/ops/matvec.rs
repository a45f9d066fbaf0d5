//! `matvec`: one token through a matrix.

use ggweb_gguf::GgmlType;

use super::{
    Epilogue, Product, ProductParams, WeightParts, weight_bindings, weight_parts, x_share,
};
use crate::caps::Caps;
use crate::plan::{Grid, Recorder};
use crate::shader::{Access, Shader};
use crate::tuning::{Matvec, Reduce};

/// The shader for one type, epilogue and parameter set.
#[must_use]
pub fn matvec_shader(
    caps: &Caps,
    ggml_type: GgmlType,
    epilogue: Epilogue,
    tuning: &Matvec,
) -> Shader {
    let WeightParts {
        mut parts,
        mut bindings,
        mut consts,
        f16,
    } = weight_parts(ggml_type, caps);
    bindings.extend([(5, Access::Read), (6, Access::Read), (7, Access::ReadWrite)]);
    parts.extend(["matvec", "common/x_block"]);
    match tuning.shuffle {
        Some(size) => parts.extend(["matvec/x_shuffle", x_share(size)]),
        None => parts.push("matvec/x_direct"),
    }
    parts.extend(epilogue.parts());
    parts.push(match tuning.reduce {
        Reduce::None => "matvec/reduce_none",
        Reduce::Subgroup => "matvec/reduce_subgroup",
        Reduce::Workgroup => "matvec/reduce_workgroup",
    });
    consts.extend([
        ("WORKGROUP_SIZE", tuning.lanes_k * tuning.lanes_row),
        ("LANES_K", tuning.lanes_k),
        ("LANES_ROW", tuning.lanes_row),
        ("ROWS", tuning.rows),
        ("UNITS", tuning.rows / epilogue.rows_per_output()),
    ]);
    Shader {
        name: "matvec",
        parts,
        consts,
        bindings,
        f16,
        subgroups: tuning.shuffle.is_some() || tuning.reduce == Reduce::Subgroup,
    }
}

/// Records `y = epilogue(weight x + bias)` for one token.
///
/// # Shapes
/// As [`Product`] says, with `n_token` 1.
pub fn matvec(rec: &mut Recorder<'_>, product: &Product<'_>) {
    let caps = *rec.device().caps();
    for part in &product.weight.parts {
        let n_out = part.n_row / product.epilogue.rows_per_output();
        let tuning = caps.matvec(part.n_row, product.epilogue);
        let shader = matvec_shader(
            &caps,
            product.weight.layout.ggml_type,
            product.epilogue,
            &tuning,
        );
        let params = ProductParams {
            n_block: product.weight.layout.n_block(),
            n_out,
            row_begin: part.row_begin,
            y_stride: product.y_stride,
        };
        let mut bindings = weight_bindings(rec.device(), &product.weight.layout, part);
        bindings.extend([product.bias.clone(), product.x.clone(), product.y.clone()]);
        let rows_per_group = tuning.lanes_row * tuning.rows;
        rec.dispatch(
            &shader,
            &params,
            &bindings,
            Grid::Linear(part.n_row.div_ceil(rows_per_group)),
        );
    }
}
