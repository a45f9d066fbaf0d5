//! Weights of every type arrive whole, however small the staging windows and the parts of a matrix are.

use ggweb_engine::{Abort, DeviceOptions, LoadOptions};
use ggweb_tests::data::{Count, shared_file};
use ggweb_tests::engine::{exact, load_with};
use ggweb_tests::golden::quantized;
use ggweb_tests::gpu::every_option;

#[test]
fn windows_and_parts_change_no_bit() {
    let mut count = Count::new("loading");
    let Some(options) = every_option("loading").into_iter().next() else {
        return;
    };
    let pure = |path: &String| !path.contains("/mix/");
    for path in quantized().into_iter().filter(pure) {
        let Some(file) = shared_file(&format!("{path}.gguf")) else {
            count.skipped();
            continue;
        };
        let whole = bits(&file, &options, exact());
        // Four units of the largest type, no whole row of most; and no more than eight rows of f32.
        let small = LoadOptions {
            window_bytes: Some(1024),
            max_binding_bytes: Some(16 << 10),
            ..exact()
        };
        assert!(bits(&file, &options, small) == whole, "{path}: other bits");
        count.ran();
    }
}

fn bits(file: &[u8], options: &DeviceOptions, load: LoadOptions) -> Vec<u32> {
    let mut model = load_with(file, options, load).expect("the model loads");
    let logits = pollster::block_on(model.logits(&[1, 200, 7], &Abort::new()));
    model.dispose();
    let logits = logits.expect("the ids are run");
    logits.into_iter().map(f32::to_bits).collect()
}
