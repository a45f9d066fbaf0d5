//! Builds the npm package: Rust → wasm → JavaScript glue → one bundle per entry.

use std::path::Path;

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::{need, sh};

/// The wasm module's name in `web/pkg`: `engine.js`, `engine.d.ts` and `engine_bg.wasm`.
const OUT_NAME: &str = "engine";

/// Builds the wasm module and its glue into `web/pkg`, and from them the package into `web/dist`.
pub(crate) fn build() -> Result<()> {
    need::web_tools()?;
    let mut cargo = sh::cargo();
    cargo.args(["build", "--package", "ggweb-wasm", "--profile", "wasm"]);
    cargo.args(["--target", "wasm32-unknown-unknown"]);
    sh::run(&mut cargo)?;
    let module = sh::target_dir().join("wasm32-unknown-unknown/wasm/ggweb_wasm.wasm");
    bind(&module)?;
    sh::run(&mut sh::in_web("node", &["build.mjs"]))
}

/// Writes the JavaScript that stands between the wasm module and its host.
///
/// The module's own address is left out: `web/src/glue.ts` gives it.
fn bind(module: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(module)
        .out_name(OUT_NAME)
        .web(true)?
        .typescript(true)
        .ts_typed_array_buffers(true)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(sh::web_dir().join("pkg"))
        .with_context(|| format!("wasm-bindgen could not read {}", module.display()))
}
