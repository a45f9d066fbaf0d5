//! Which units and bytes of a tensor lie between two offsets of a file that streams by.

use ggweb_gpu::PlaneLayout;
use ggweb_gpu::ops::RepackRange;

use crate::layout::Segment;

/// The largest number of whole units, in bytes from the tensor's beginning, within `bytes`.
pub(crate) fn whole_units(layout: &PlaneLayout, bytes: u64) -> u64 {
    let row_bytes = layout.file_row_bytes();
    let (rows, rest) = (bytes / row_bytes, bytes % row_bytes);
    let units = (0..=layout.units_per_row())
        .rev()
        .find(|units| layout.unit_offset_bytes(*units) <= rest);
    rows * row_bytes + layout.unit_offset_bytes(units.unwrap_or(0))
}

/// The units of `segment` between two byte offsets of its tensor, and the tensor's row that they begin in.
pub(crate) fn clip(
    layout: &PlaneLayout,
    segment: &Segment,
    begin: u64,
    end: u64,
) -> Option<(RepackRange, u32)> {
    let row_bytes = layout.file_row_bytes();
    let (begin, end) = within(row_bytes, segment, begin, end)?;
    let units = |bytes: u64| {
        let rest = bytes % row_bytes;
        let in_row = (0..layout.units_per_row())
            .take_while(|units| layout.unit_offset_bytes(*units) < rest)
            .count();
        bytes / row_bytes * layout.units_per_row() + in_row as u64
    };
    let row = begin / row_bytes;
    let unit_0 = units(begin) - row * layout.units_per_row();
    let range = RepackRange {
        byte_0: 0,
        row_0: segment.dst_row + (row as u32 - segment.src_row),
        unit_0: unit_0 as u32,
        n_unit: (units(end) - units(begin)) as u32,
    };
    Some((range, row as u32))
}

/// As [`clip`], for rows that are copied: where the bytes begin in the tensor, where in the part, and how many they are.
pub(crate) fn clip_bytes(
    row_bytes: u64,
    segment: &Segment,
    begin: u64,
    end: u64,
) -> Option<(u64, u64, u64)> {
    let (begin, end) = within(row_bytes, segment, begin, end)?;
    let first = u64::from(segment.src_row) * row_bytes;
    let to = u64::from(segment.dst_row) * row_bytes + (begin - first);
    Some((begin, to, end - begin))
}

/// The bytes of a tensor between `begin` and `end` that `segment` has, if there are any.
fn within(row_bytes: u64, segment: &Segment, begin: u64, end: u64) -> Option<(u64, u64)> {
    let first = u64::from(segment.src_row) * row_bytes;
    let last = first + u64::from(segment.n_row) * row_bytes;
    let (begin, end) = (begin.max(first), end.min(last));
    (begin < end).then_some((begin, end))
}
