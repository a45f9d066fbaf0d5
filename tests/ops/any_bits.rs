//! `get_rows` over blocks of any bits, whatever their scales: bit for bit what the twin makes of them.

use ggweb_gguf::GgmlType;
use ggweb_gpu::ops;
use ggweb_reference::formats::{dequantize, row_bytes};
use ggweb_tests::gpu::{Rig, narrow};
use ggweb_tests::noise;

#[test]
fn get_rows_of_any_bits_is_bit_equal() {
    const N_ROW: usize = 64;
    /// WGSL may flush a scale below the smallest normal number, and with it what it is multiplied into.
    const FLUSHED: f32 = 1e-35;
    for mut rig in Rig::every("ops: get_rows of any bits").into_iter().take(1) {
        assert_eq!(rig.device().caps().tier(), "base");
        for ggml_type in GgmlType::of_weights() {
            let n_embd = 4 * ggml_type.block_size().max(32);
            let bytes = noise::bytes(12, N_ROW * row_bytes(ggml_type, n_embd));
            let want = dequantize(ggml_type, &bytes, n_embd);
            let weight = rig.weight(ggml_type, &bytes, n_embd, &[N_ROW]);
            let ids: Vec<u32> = (0..narrow(N_ROW)).collect();
            let (tokens, y) = (rig.storage(&ids), rig.storage(&vec![0.0f32; want.len()]));
            rig.run(N_ROW, |rec| ops::get_rows(rec, &weight, &tokens, &y));
            let got = rig.read::<f32>(&y, want.len());
            let case = format!("{}, {}", ggml_type.name(), rig.name());
            let mut n_equal = 0;
            for (i, (got, want)) in got.iter().zip(&want).enumerate() {
                // Scales that are no numbers, or larger than any.
                if !want.is_finite() {
                    continue;
                }
                let is_equal = got.to_bits() == want.to_bits() || (*got == 0.0 && *want == 0.0);
                let is_flushed = *got == 0.0 && want.abs() < FLUSHED;
                assert!(
                    is_equal || is_flushed,
                    "{case}: weight {i} is {got:e}, not {want:e}"
                );
                n_equal += usize::from(is_equal);
            }
            assert!(
                n_equal > want.len() / 2,
                "{case}: {n_equal} of {}",
                want.len()
            );
        }
    }
}
