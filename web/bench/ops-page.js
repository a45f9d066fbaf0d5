// The page of ops.mjs: runs the bench with the words of the address, shows the table and leaves the report.

import init, { run } from '/pkg/ops.js';

const table = document.querySelector('pre');
const print = (line) => {
  table.textContent += `${line}\n`;
  console.log(line);
};

try {
  await init({ module_or_path: '/pkg/ops_bg.wasm' });
  const words = JSON.parse(new URLSearchParams(location.search).get('words') ?? '[]');
  globalThis.opsResult = { report: await run(words, print) };
  print('done');
} catch (error) {
  globalThis.opsResult = { error: String(error?.message ?? error) };
  print(globalThis.opsResult.error);
}
