//! The bench of ops for a page: `web/bench/ops.mjs` builds it, serves it and calls [`run`].

use ggweb_benches::{Host, bench};
use js_sys::Function;
use wasm_bindgen::prelude::*;

/// Runs the bench with the words of a command line; `print` takes the table line by line, and the promise gives the
/// report as JSON.
///
/// # Errors
/// A string: what is wrong with the arguments, or with the adapter.
#[wasm_bindgen]
pub async fn run(args: Vec<String>, print: Function) -> Result<String, JsValue> {
    let print = |line: &str| {
        // Nobody is left to tell that a line could not be shown.
        let _ = print.call1(&JsValue::NULL, &JsValue::from_str(line));
    };
    let host = Host {
        print: &print,
        cpu_seconds: &|| None,
    };
    let report = bench(&args, &host).await;
    report
        .map(|report| report.json)
        .map_err(|error| JsValue::from_str(&error.to_string()))
}
