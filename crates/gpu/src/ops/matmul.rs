//! `matmul`: many tokens through a matrix.

use ggweb_gguf::GgmlType;

use super::{Epilogue, Product, ProductParams, format, x_share};
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
    let (format, mut bindings, f16) = format(ggml_type, caps);
    bindings.insert(0, (0, Access::Uniform));
    bindings.extend([
        (3, Access::Read),
        (4, Access::Read),
        (5, Access::ReadWrite),
        (6, Access::Uniform),
    ]);
    let mut parts = vec!["matmul", format];
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
    Shader {
        name: "matmul",
        parts,
        consts: vec![
            ("WORKGROUP_SIZE", tuning.lanes_m * tuning.lanes_n),
            ("LANES_M", tuning.lanes_m),
            ("LANES_N", tuning.lanes_n),
            ("ROWS", tuning.rows),
            ("TILE_N", tuning.tile_n),
            ("UNITS", tuning.rows / epilogue.rows_per_output()),
        ],
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
    let caps = *rec.device().caps();
    let tuning = caps.matmul(product.epilogue);
    for part in &product.weight.parts {
        let shader = matmul_shader(
            &caps,
            product.weight.layout.ggml_type,
            product.epilogue,
            &tuning,
        );
        let params = ProductParams {
            n_block: product.weight.layout.n_block(),
            n_out: part.n_row / product.epilogue.rows_per_output(),
            row_begin: part.row_begin,
            y_stride: product.y_stride,
        };
        let mut bindings = part.planes();
        bindings.extend([
            product.bias.clone(),
            product.x.clone(),
            product.y.clone(),
            step.clone(),
        ]);
        let grid = Grid::Tokens {
            per_token: 1,
            per_group: tuning.lanes_n * tuning.tile_n,
            y: part.n_row.div_ceil(tuning.lanes_m * tuning.rows),
        };
        rec.dispatch(&shader, &params, &bindings, grid);
    }
}
