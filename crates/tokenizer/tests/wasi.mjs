// Runs a test binary of `cargo test --target wasm32-wasip1` in Node:
//   CARGO_TARGET_WASM32_WASIP1_RUNNER="node crates/tokenizer/tests/wasi.mjs" \
//     cargo test -p ggweb-tokenizer --target wasm32-wasip1 --tests
// The tests read the repository and the test data beside it, so that everything below `/` is theirs to read.
import { readFile } from "node:fs/promises";
import { WASI } from "node:wasi";

const [path, ...args] = process.argv.slice(2);
const wasi = new WASI({
  version: "preview1",
  args: [path, ...args],
  env: process.env,
  preopens: { "/": "/" },
});
const { instance } = await WebAssembly.instantiate(await readFile(path), wasi.getImportObject());
process.exitCode = wasi.start(instance);
