//! `matmul`: many tokens through a matrix.

use ggweb_gguf::GgmlType;

use super::{
    Epilogue, Product, ProductParams, WeightParts, weight_bindings, weight_parts, x_share,
};
use crate::buffer::Binding;
use crate::caps::Caps;
use crate::plan::{Grid, Recorder};
use crate::shader::{Access, Shader};
use crate::tuning::{Matmul, TileSource};

/// The shader for one type, epilogue and parameter set.
#[must_use]
pub fn matmul_shader(
    caps: &Caps,
    ggml_type: GgmlType,
    epilogue: Epilogue,
    tuning: &Matmul,
) -> Shader {
    let WeightParts {
        mut parts,
        mut bindings,
        mut consts,
        f16,
    } = weight_parts(ggml_type, caps);
    bindings.extend([
        (5, Access::Read),
        (6, Access::Read),
        (7, Access::ReadWrite),
        (8, Access::Uniform),
    ]);
    parts.push("matmul");
    parts.extend(epilogue.parts());
    match tuning.source {
        TileSource::Direct => {
            parts.extend(["matmul/registers", "common/x_block", "matmul/x_direct"]);
        }
        TileSource::Shuffle(size) => {
            parts.extend([
                "matmul/registers",
                "common/x_block",
                "matmul/x_shuffle",
                x_share(size),
            ]);
        }
        TileSource::Staged => parts.extend(["matmul/staged", "common/x_block"]),
    }
    consts.extend([
        ("WORKGROUP_SIZE", tuning.lanes_m * tuning.lanes_n),
        ("LANES_M", tuning.lanes_m),
        ("LANES_N", tuning.lanes_n),
        ("ROWS", tuning.rows),
        ("TILE_N", tuning.tile_n),
        ("UNITS", tuning.rows / epilogue.rows_per_output()),
    ]);
    Shader {
        name: "matmul",
        parts,
        consts,
        bindings,
        f16,
        subgroups: matches!(tuning.source, TileSource::Shuffle(_)),
    }
}

/// Records `y = epilogue(x weight^T + bias)` for the tokens of the batch.
///
/// # Shapes
/// As [`Product`] says; `step` is the step buffer.
pub fn matmul(rec: &mut Recorder<'_>, product: &Product<'_>, step: &Binding) {
    let tuning = rec.device().caps().matmul(product.epilogue);
    matmul_tuned(rec, product, step, &tuning);
}

/// As [`matmul`], with parameters of the caller's choice: what a bench compares.
///
/// # Shapes
/// As [`Product`] says; `step` is the step buffer.
pub fn matmul_tuned(
    rec: &mut Recorder<'_>,
    product: &Product<'_>,
    step: &Binding,
    tuning: &Matmul,
) {
    for part in &product.weight.parts {
        let shader = matmul_shader(
            rec.device().caps(),
            product.weight.layout.ggml_type,
            product.epilogue,
            tuning,
        );
        let params = ProductParams {
            n_block: product.weight.layout.n_block(),
            n_out: part.n_row / product.epilogue.rows_per_output(),
            row_begin: part.row_begin,
            y_stride: product.y_stride,
        };
        let mut bindings = weight_bindings(rec.device(), &product.weight.layout, part);
        bindings.extend([
            product.bias.clone(),
            product.x.clone(),
            product.y.clone(),
            step.clone(),
        ]);
        let grid = Grid::Tokens {
            per_token: 1,
            per_group: tuning.tokens(),
            y: part.n_row.div_ceil(tuning.lanes_m * tuning.rows),
        };
        rec.dispatch(&shader, &params, &bindings, grid);
    }
}
