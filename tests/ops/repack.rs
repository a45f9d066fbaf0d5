//! `repack`: the bytes of a file become the twin's planes, bit for bit, wherever the file is cut.

use ggweb_gguf::GgmlType;
use ggweb_gpu::ops::{self, RepackRange};
use ggweb_gpu::{PlaneLayout, Weight};
use ggweb_reference::formats::{Planes, repack, row_bytes};
use ggweb_tests::gpu::{Rig, narrow};
use ggweb_tests::noise;

#[test]
fn repack_gives_the_planes_of_blocks() {
    for ggml_type in GgmlType::of_weights() {
        let block = ggml_type.block_size();
        if block > 1 {
            let widths = [1, 2, 3, 5, 33].map(|n| n * block);
            repack_gives_the_planes(ggml_type, &widths);
        }
    }
}

#[test]
fn repack_words_gives_the_planes() {
    for ggml_type in [GgmlType::F16, GgmlType::BF16, GgmlType::F32] {
        repack_gives_the_planes(ggml_type, &[4, 32, 172, 1056]);
    }
}

fn repack_gives_the_planes(ggml_type: GgmlType, widths: &[usize]) {
    const N_ROW: usize = 5;
    // One text serves every tier and both parameter sets.
    for mut rig in Rig::every("ops: repack").into_iter().take(1) {
        for &n_in in widths {
            // Whatever the bits are: scales that are no numbers are moved like any.
            let bytes = noise::bytes(9, N_ROW * row_bytes(ggml_type, n_in));
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
    let row_bytes = weight.layout.plane_row_bytes();
    Planes([0, 1, 2].map(|plane| {
        let n_word = u64::from(part.n_row) * row_bytes[plane] / 4;
        let n_word = usize::try_from(n_word).expect("a test's numbers are small");
        let read = |binding| rig.read(binding, n_word);
        part.planes[plane].as_ref().map(read).unwrap_or_default()
    }))
}
