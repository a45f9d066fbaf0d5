//! Builds the npm package: Rust → wasm → JavaScript glue → one bundle per entry.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::{licenses, need, sh};

/// The wasm module's name in `web/pkg`: `engine.js`, `engine.d.ts` and `engine_bg.wasm`.
const OUT_NAME: &str = "engine";

/// Builds the wasm module and its glue into `web/pkg`, and from them the package into `web/dist`.
pub(crate) fn build() -> Result<()> {
    need::web_tools()?;
    let module = module("ggweb-wasm")?;
    let pkg = sh::web_dir().join("pkg");
    bind(&module, OUT_NAME, &pkg)?;
    std::fs::write(
        pkg.join("THIRD-PARTY.txt"),
        licenses::of_wasm("ggweb-wasm")?,
    )?;
    sh::run(&mut sh::in_web("node", &["build.mjs"]))
}

/// Builds the bench of ops for a page into `web/pkg/bench`; `web/bench/ops.mjs` serves it.
pub(crate) fn bench() -> Result<()> {
    need::web_tools()?;
    let module = module("ggweb-bench-web")?;
    bind(&module, "ops", &sh::web_dir().join("pkg/bench"))
}

/// Builds a package for wasm and says where its module lies.
fn module(package: &str) -> Result<PathBuf> {
    let mut cargo = sh::cargo();
    cargo.args(["build", "--package", package, "--profile", "wasm"]);
    cargo.args(["--target", "wasm32-unknown-unknown"]);
    sh::run(&mut cargo)?;
    let name = package.replace('-', "_");
    Ok(sh::target_dir().join(format!("wasm32-unknown-unknown/wasm/{name}.wasm")))
}

/// Writes the JavaScript that stands between a wasm module and its host into `folder`.
///
/// The module's own address is left out: `web/src/glue.ts` gives it, and `web/bench/ops-page.js`.
fn bind(module: &Path, name: &str, folder: &Path) -> Result<()> {
    Bindgen::new()
        .input_path(module)
        .out_name(name)
        .web(true)?
        .typescript(true)
        .ts_typed_array_buffers(true)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)
        .with_context(|| format!("wasm-bindgen could not read {}", module.display()))
}
