//! `repack`: bytes of a file become planes, on the GPU, while they stream in.

use ggweb_gguf::GgmlType;

use crate::buffer::Binding;
use crate::plan::{Grid, Recorder};
use crate::shader::{Access, Shader};
use crate::tuning::ELEMENTWISE_LANES;
use crate::weight::{PlaneLayout, WeightPart};

#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Params {
    byte_0: u32,
    row_0: u32,
    unit_0: u32,
    n_unit: u32,
    units_per_row: u32,
    row_units: u32,
}

/// Which units of which rows are in staging. A unit is what one lane does: a pair of blocks, or a word of plain
/// numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepackRange {
    /// Where the first row begins in staging, in bytes; wraps below zero where its head came earlier.
    pub byte_0: u32,
    /// The first row, counted in the part.
    pub row_0: u32,
    /// The first unit, counted from the first row.
    pub unit_0: u32,
    /// How many units.
    pub n_unit: u32,
}

impl PlaneLayout {
    /// Units per row of the file.
    #[must_use]
    pub fn units_per_row(&self) -> u64 {
        if self.has_scales() {
            u64::from(self.n_block().div_ceil(2))
        } else {
            self.file_row_bytes() / 4
        }
    }

    /// Bytes of the file that hold the first `units` units of a row.
    #[must_use]
    pub fn unit_offset_bytes(&self, units: u64) -> u64 {
        let unit_bytes = if self.has_scales() {
            2 * self.ggml_type.block_bytes() as u64
        } else {
            4
        };
        (units * unit_bytes).min(self.file_row_bytes())
    }
}

/// The shader for one type.
#[must_use]
pub fn repack_shader(ggml_type: GgmlType) -> Shader {
    let name = match ggml_type {
        GgmlType::Q4_0 => "repack_q4_0",
        GgmlType::Q8_0 => "repack_q8_0",
        _ => "repack_words",
    };
    let mut bindings = vec![
        (0, Access::Uniform),
        (1, Access::Read),
        (2, Access::ReadWrite),
    ];
    if name != "repack_words" {
        bindings.push((3, Access::ReadWrite));
    }
    Shader {
        name,
        parts: vec![name, "common/staging"],
        consts: vec![("WORKGROUP_SIZE", ELEMENTWISE_LANES)],
        bindings,
        f16: false,
        subgroups: false,
    }
}

/// Records the repacking of `range` from `staging` into the planes of `part`.
pub fn repack(
    rec: &mut Recorder<'_>,
    layout: &PlaneLayout,
    staging: &Binding,
    part: &WeightPart,
    range: RepackRange,
) {
    let units_per_row = layout.units_per_row() as u32;
    let row_units = if layout.has_scales() {
        layout.n_block()
    } else {
        (layout.quant_row_bytes() / 4) as u32
    };
    let params = Params {
        byte_0: range.byte_0,
        row_0: range.row_0,
        unit_0: range.unit_0,
        n_unit: range.n_unit,
        units_per_row,
        row_units,
    };
    let mut bindings = vec![staging.clone()];
    bindings.extend(part.planes());
    let grid = Grid::Linear(range.n_unit.div_ceil(ELEMENTWISE_LANES));
    rec.dispatch(&repack_shader(layout.ggml_type), &params, &bindings, grid);
}
