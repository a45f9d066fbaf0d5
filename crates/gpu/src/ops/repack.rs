//! `repack`: bytes of a file become planes, on the GPU, while they stream in.

use ggweb_gguf::{Format, GgmlType, Kind, Piece};

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

/// Which units of which rows are in staging. A unit is the fewest blocks that are whole words in every plane, or a word
/// of plain numbers; the last one of a row may be cut.
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
        self.file_row_bytes().div_ceil(self.unit_bytes())
    }

    /// Bytes of the file that hold the first `units` units of a row.
    #[must_use]
    pub fn unit_offset_bytes(&self, units: u64) -> u64 {
        (units * self.unit_bytes()).min(self.file_row_bytes())
    }

    fn unit_bytes(&self) -> u64 {
        match self.format.kind {
            Kind::plain => 4,
            _ => (self.format.unit_blocks() * self.ggml_type.block_bytes()) as u64,
        }
    }
}

/// Words of a plane of quants that one lane makes.
fn lane_words(format: &Format, plane: usize) -> usize {
    let is_fours = |piece: &Piece| piece.n_bytes().is_multiple_of(16) && piece.bits >= 4;
    let whole = format.plane_bytes(plane).is_multiple_of(16);
    if whole && format.planes[plane].iter().all(is_fours) {
        4
    } else {
        1
    }
}

/// The shader for one plane of a type.
///
/// # Panics
/// If the type has no such plane.
#[must_use]
pub fn repack_shader(ggml_type: GgmlType, plane: usize) -> Shader {
    let format = ggml_type
        .format()
        .expect("`PlaneLayout::new` refuses other types");
    let plain = format.kind == Kind::plain;
    let name = if plain { "repack_words" } else { "repack" };
    let mut parts = vec![name];
    let mut consts = vec![("WORKGROUP_SIZE", ELEMENTWISE_LANES)];
    if !plain {
        parts.push(match lane_words(&format, plane) {
            4 => "repack/words_4",
            _ => "repack/words_1",
        });
        let words = |bytes: usize| (bytes / 4) as u32;
        consts.extend([
            ("BLOCK_BYTES", ggml_type.block_bytes() as u32),
            ("UNIT_BLOCKS", format.unit_blocks() as u32),
            ("PLANE_BYTES", format.plane_bytes(plane) as u32),
        ]);
        let names = [
            ("BEGIN_0", "WORDS_0", "BITS_0"),
            ("BEGIN_1", "WORDS_1", "BITS_1"),
            ("BEGIN_2", "WORDS_2", "BITS_2"),
        ];
        let pieces = format.planes[plane];
        assert!(
            !pieces.is_empty() && pieces.len() <= names.len(),
            "1 to 3 pieces"
        );
        for (i, (begin, n_word, bits)) in names.into_iter().enumerate() {
            // Pieces that are not there have no words.
            let piece = pieces.get(i).copied();
            consts.extend([
                (begin, piece.map_or(0, |piece| piece.begin as u32)),
                (n_word, piece.map_or(0, |piece| words(piece.n_bytes()))),
                (bits, piece.map_or(8, |piece| piece.bits as u32)),
            ]);
        }
    }
    parts.push("common/staging");
    Shader {
        name,
        parts,
        consts,
        bindings: vec![
            (0, Access::Uniform),
            (1, Access::Read),
            (2, Access::ReadWrite),
        ],
        f16: false,
        subgroups: false,
    }
}

/// Every plane's shader of a type.
#[must_use]
pub fn repack_shaders(ggml_type: GgmlType) -> Vec<Shader> {
    let planes = ggml_type
        .format()
        .map_or([&[][..]; 3], |format| format.planes);
    let present = (0..3).filter(|&plane| plane == 0 || !planes[plane].is_empty());
    present
        .map(|plane| repack_shader(ggml_type, plane))
        .collect()
}

/// Records the repacking of `range` from `staging` into the planes of `part`, a dispatch for each.
pub fn repack(
    rec: &mut Recorder<'_>,
    layout: &PlaneLayout,
    staging: &Binding,
    part: &WeightPart,
    range: RepackRange,
) {
    for (plane, binding) in part.planes.iter().enumerate() {
        let Some(binding) = binding else { continue };
        let (row_units, unit_lanes) = match layout.format.kind {
            Kind::plain => (layout.plane_row_bytes()[0] / 4, 1),
            _ => {
                let unit_bytes = layout.format.unit_blocks() * layout.format.plane_bytes(plane);
                let lane_bytes = 4 * lane_words(&layout.format, plane);
                (layout.n_file_block(), unit_bytes / lane_bytes)
            }
        };
        let params = Params {
            byte_0: range.byte_0,
            row_0: range.row_0,
            unit_0: range.unit_0,
            n_unit: range.n_unit,
            units_per_row: layout.units_per_row() as u32,
            row_units: row_units as u32,
        };
        let n_lane = range.n_unit * unit_lanes as u32;
        rec.dispatch(
            &repack_shader(layout.ggml_type, plane),
            &params,
            &[staging.clone(), binding.clone()],
            Grid::Linear(n_lane.div_ceil(ELEMENTWISE_LANES)),
        );
    }
}
