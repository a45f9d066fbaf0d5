//! `repack`: the bytes of a file become the twin's planes, bit for bit, wherever the file is cut.

use ggweb_gguf::GgmlType;
use ggweb_gpu::ops::{self, RepackRange};
use ggweb_gpu::{PlaneLayout, Weight};
use ggweb_reference::formats::{Planes, repack, row_bytes};
use ggweb_tests::gpu::{Rig, narrow};
use ggweb_tests::noise;

#[test]
fn repack_q4_0_gives_the_planes() {
    repack_gives_the_planes(GgmlType::Q4_0, &[32, 64, 96, 1056, 2048]);
}

#[test]
fn repack_q8_0_gives_the_planes() {
    repack_gives_the_planes(GgmlType::Q8_0, &[32, 64, 96, 1056, 2048]);
}

#[test]
fn repack_words_gives_the_planes() {
    repack_gives_the_planes(GgmlType::F16, &[4, 32, 172, 1056]);
    repack_gives_the_planes(GgmlType::F32, &[4, 32, 172, 1056]);
}

fn repack_gives_the_planes(ggml_type: GgmlType, widths: &[usize]) {
    const N_ROW: usize = 5;
    for mut rig in Rig::every("ops: repack") {
        for &n_in in widths {
            let bytes = noise::rows(9, ggml_type, N_ROW, n_in);
            let want = repack(ggml_type, &bytes, n_in);
            // In one piece, at every byte offset in a word, and in pieces of a few units.
            for offset in 0..4 {
                let got = in_pieces(&mut rig, ggml_type, &bytes, n_in, offset, usize::MAX);
                assert!(
                    got == want,
                    "{} of {n_in} at byte {offset}, {}",
                    ggml_type.name(),
                    rig.name()
                );
            }
            let got = in_pieces(&mut rig, ggml_type, &bytes, n_in, 2, 3);
            assert!(
                got == want,
                "{} of {n_in} in pieces, {}",
                ggml_type.name(),
                rig.name()
            );
        }
    }
}

/// Repacks `bytes`, which begin `offset` bytes into staging, `n_unit` units at a time.
fn in_pieces(
    rig: &mut Rig,
    ggml_type: GgmlType,
    bytes: &[u8],
    n_in: usize,
    offset: usize,
    n_unit: usize,
) -> Planes {
    let layout = PlaneLayout::new(ggml_type, narrow(n_in)).expect("the type has kernels");
    let n_row = bytes.len() / row_bytes(ggml_type, n_in);
    let weight = rig.weight(ggml_type, &vec![0; bytes.len()], n_in, &[n_row]);
    let mut staged = vec![0xa5; offset];
    staged.extend(bytes);
    // A last unit may be read a word past its end.
    staged.resize(staged.len().next_multiple_of(4) + 4, 0x5a);
    let staging = rig.storage(&staged);

    let per_row = usize::try_from(layout.units_per_row()).expect("a test's numbers are small");
    let total = per_row * n_row;
    let mut begin = 0;
    while begin < total {
        let n = n_unit.min(total - begin);
        let row = begin / per_row;
        let range = RepackRange {
            byte_0: narrow(offset + row * row_bytes(ggml_type, n_in)),
            row_0: narrow(row),
            unit_0: narrow(begin % per_row),
            n_unit: narrow(n),
        };
        rig.run(1, |rec| {
            ops::repack(rec, &layout, &staging, &weight.parts[0], range);
        });
        begin += n;
    }
    planes(rig, &weight)
}

fn planes(rig: &Rig, weight: &Weight) -> Planes {
    let part = &weight.parts[0];
    let n_row = u64::from(part.n_row);
    let words = |row_bytes: u64| {
        usize::try_from(n_row * row_bytes / 4).expect("a test's numbers are small")
    };
    let quants = rig.read(&part.quants, words(weight.layout.quant_row_bytes()));
    let read_scales = |scales| rig.read(scales, words(weight.layout.scale_row_bytes()));
    let scales = part.scales.as_ref().map(read_scales).unwrap_or_default();
    Planes { quants, scales }
}
