//! `matvec`: one token through a matrix.

use ggweb_gguf::{Format, GgmlType, Kind};

use super::{
    ActivationType, Epilogue, Product, WeightParts, dot_part, weight_bindings, weight_parts,
    x_share,
};
use crate::buffer::Binding;
use crate::caps::Caps;
use crate::plan::{Grid, Recorder};
use crate::shader::{Access, Shader};
use crate::tuning::{Matvec, Reduce};
use crate::weight::{BLOCK, WeightPart};

#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Params {
    n_block: u32,
    n_out: u32,
    row_begin: u32,
    eps: f32,
}

/// An RMSNorm that x goes through as it is loaded.
#[derive(Debug, Clone, Copy)]
pub struct NormedInput<'a> {
    /// `[n_in]`.
    pub weight: &'a Binding,
    /// Added to the mean square.
    pub eps: f32,
}

/// How a `matvec` reads its x.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatvecInput {
    /// It goes through a norm.
    pub normed: bool,
    /// The type it is multiplied in.
    pub activations: ActivationType,
}

impl MatvecInput {
    /// The parts that load a block of x.
    fn parts(self, tuning: &Matvec) -> Vec<&'static str> {
        let mut parts = match (self.activations, tuning.shuffle) {
            (ActivationType::F32, Some(size)) => {
                vec!["common/x_block", "matvec/x_shuffle", x_share(size)]
            }
            (ActivationType::F32, None) => vec!["common/x_block", "matvec/x_direct"],
            (ActivationType::Int8, Some(4)) => vec!["common/x_block_i8", "matvec/x_shuffle_4_i8"],
            (ActivationType::Int8, Some(8)) => vec!["common/x_block_i8", "matvec/x_shuffle_8_i8"],
            (ActivationType::Int8, Some(size)) => panic!("subgroups of {size} share no x"),
            (ActivationType::Int8, None) => vec!["common/x_block_i8", "matvec/x_direct_i8"],
        };
        parts.extend(match (self.normed, tuning.shuffle) {
            (true, Some(_)) => &["matvec/x_normed", "matvec/x_total_subgroup"][..],
            (true, None) => &["matvec/x_normed", "matvec/x_total_rows"],
            (false, _) => &["matvec/x_plain"],
        });
        parts
    }
}

/// The shader for one type, epilogue and parameter set.
#[must_use]
pub fn matvec_shader(
    caps: &Caps,
    ggml_type: GgmlType,
    epilogue: Epilogue,
    tuning: &Matvec,
    input: MatvecInput,
) -> Shader {
    let WeightParts {
        mut parts,
        mut bindings,
        mut consts,
        f16,
    } = weight_parts(ggml_type, caps);
    bindings.extend([(5, Access::Read), (6, Access::Read), (7, Access::ReadWrite)]);
    // Of other types two runs have nothing in common but the length of their text.
    let shares = ggml_type
        .format()
        .is_some_and(|format| shares_words(ggml_type, &format));
    let runs = if shares { tuning.runs } else { 1 };
    if input.normed {
        bindings.push((8, Access::Read));
    }
    parts.extend(["matvec", dot_part(ggml_type, input.activations)]);
    parts.extend(input.parts(tuning));
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
        ("RUNS", runs),
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

/// Whether two runs of 32 weights read the same words: a block has more of them, or less than a word of scales.
fn shares_words(ggml_type: GgmlType, format: &Format) -> bool {
    let is_part = |plane: usize| (1..4).contains(&format.plane_bytes(plane));
    format.kind != Kind::plain && (ggml_type.block_size() > BLOCK as usize || (0..3).any(is_part))
}

/// Records `y = epilogue(weight x + bias)` for one token, or `epilogue(weight rms_norm(x) + bias)`.
///
/// # Shapes
/// As [`Product`] says, with `n_token` 1.
///
/// # Panics
/// If x is to go through a norm and is no whole number of blocks of 32 wide.
pub fn matvec(rec: &mut Recorder<'_>, product: &Product<'_>, norm: Option<NormedInput<'_>>) {
    let caps = *rec.device().caps();
    for part in &product.weight.parts {
        let tuning = caps.matvec(part.n_row, product.epilogue);
        matvec_part(rec, product, norm, part, &tuning);
    }
}

/// As [`matvec`], with parameters of the caller's choice: what a bench compares.
///
/// # Shapes
/// As [`Product`] says, with `n_token` 1.
///
/// # Panics
/// If x is to go through a norm and is no whole number of blocks of 32 wide.
pub fn matvec_tuned(
    rec: &mut Recorder<'_>,
    product: &Product<'_>,
    norm: Option<NormedInput<'_>>,
    tuning: &Matvec,
) {
    for part in &product.weight.parts {
        matvec_part(rec, product, norm, part, tuning);
    }
}

fn matvec_part(
    rec: &mut Recorder<'_>,
    product: &Product<'_>,
    norm: Option<NormedInput<'_>>,
    part: &WeightPart,
    tuning: &Matvec,
) {
    let layout = &product.weight.layout;
    assert!(
        norm.is_none() || layout.n_in.is_multiple_of(32),
        "a norm over whole blocks"
    );
    let shader = matvec_shader(
        rec.device().caps(),
        layout.ggml_type,
        product.epilogue,
        tuning,
        MatvecInput {
            normed: norm.is_some(),
            activations: product.activations,
        },
    );
    let params = Params {
        n_block: layout.n_block(),
        n_out: part.n_row / product.epilogue.rows_per_output(),
        row_begin: part.row_begin,
        eps: norm.map_or(0.0, |norm| norm.eps),
    };
    let mut bindings = weight_bindings(rec.device(), layout, part);
    bindings.extend([product.bias.clone(), product.x.clone(), product.y.clone()]);
    bindings.extend(norm.map(|norm| norm.weight.clone()));
    let rows_per_group = tuning.lanes_row * tuning.rows;
    rec.dispatch(
        &shader,
        &params,
        &bindings,
        Grid::Linear(part.n_row.div_ceil(rows_per_group)),
    );
}
