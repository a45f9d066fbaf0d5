// Runs what cargo builds for wasm32-wasip1 in Node:
//   export CARGO_TARGET_WASM32_WASIP1_RUNNER="node --no-warnings $PWD/crates/tokenizer/tests/wasi.mjs"
//   cargo test -p ggweb-tokenizer -p ggweb-chat --target wasm32-wasip1 --tests
// The tests read the repository and the test data beside it, so that everything below `/` is theirs to read.
// Its clock is the CPU time of the process, so that benchmarks are not disturbed by other programs.
import { readFile } from "node:fs/promises";
import process from "node:process";
import v8 from "node:v8";
import { WASI } from "node:wasi";

// Node's WASI may collect garbage in the middle of a fast call, where V8 does not expect it, and then crashes at
// times: https://github.com/nodejs/node/issues/46777
v8.setFlagsFromString("--no-turbo-fast-api-calls");

const [path, ...args] = process.argv.slice(2);
const wasi = new WASI({
  version: "preview1",
  args: [path, ...args],
  env: process.env,
  preopens: { "/": "/" },
});
const imports = wasi.getImportObject();
imports.wasi_snapshot_preview1.clock_time_get = (_id, _precision, pointer) => {
  const { user, system } = process.cpuUsage();
  const nanoseconds = BigInt(user + system) * 1000n;
  new DataView(instance.exports.memory.buffer).setBigUint64(pointer, nanoseconds, true);
  return 0;
};
const { instance } = await WebAssembly.instantiate(await readFile(path), imports);
process.exitCode = wasi.start(instance);
