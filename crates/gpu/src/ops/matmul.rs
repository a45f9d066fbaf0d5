//! `matmul`: many tokens through a matrix.

use ggweb_gguf::GgmlType;

use super::{
    ActivationType, Epilogue, Product, ProductParams, WeightParts, dot_part, weight_bindings,
    weight_parts, x_share,
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
    activations: ActivationType,
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
    parts.extend(["matmul", "common/w_block"]);
    parts.extend(epilogue.parts());
    parts.extend(tile_parts(tuning.source, activations));
    if activations == ActivationType::Int8 {
        parts.push(dot_part(ggml_type, activations));
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

/// How a tile is multiplied, and where its x comes from.
fn tile_parts(source: TileSource, activations: ActivationType) -> Vec<&'static str> {
    match activations {
        ActivationType::F32 => match source {
            TileSource::Direct => vec![
                "matmul/registers",
                "matmul/rows_f32",
                "common/x_block",
                "matmul/x_direct",
                "matmul/x_each",
            ],
            TileSource::Shuffle(size) => vec![
                "matmul/registers",
                "matmul/rows_f32",
                "common/x_block",
                "matmul/x_shuffle",
                x_share(size),
                "matmul/x_each",
            ],
            TileSource::Staged => vec!["matmul/staged"],
        },
        ActivationType::Int8 => {
            let mut parts = vec!["matmul/rows_i8", "common/x_block_i8"];
            parts.extend(match source {
                TileSource::Direct => {
                    &["matmul/registers", "matmul/x_direct_i8", "matmul/x_each"][..]
                }
                TileSource::Shuffle(4) => &["matmul/registers", "matmul/x_shuffle_4_i8"],
                TileSource::Shuffle(8) => &["matmul/registers", "matmul/x_shuffle_8_i8"],
                TileSource::Shuffle(size) => panic!("subgroups of {size} share no x"),
                TileSource::Staged => &["matmul/staged_i8", "matmul/x_direct_i8"],
            });
            parts
        }
    }
}

/// Records `y = epilogue(x weight^T + bias)` for the tokens of the batch, of which there are usually not more than
/// `n_token`.
///
/// # Shapes
/// As [`Product`] says; `step` is the step buffer.
pub fn matmul(rec: &mut Recorder<'_>, product: &Product<'_>, step: &Binding, n_token: u32) {
    let tuning = rec.device().caps().matmul(product.epilogue, n_token);
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
            product.activations,
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
