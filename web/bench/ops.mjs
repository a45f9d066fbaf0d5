// The bench of ops in Chromium on SwiftShader, or in a browser of yours. Words and options are those of the native one
// (`cargo run --release -p ggweb-benches -- --help`); CPU time is left out, since no page can know it.
//
//   node bench/ops.mjs [WORD…] [--budget SECONDS] [--types TYPE,…] [--set TEXT] [--tune] [--json FILE] …
//   node bench/ops.mjs --serve [WORD…] …     builds and serves the page, and says where to open it

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launchChromium } from '../test/browser.mjs';
import { repoDir, webDir } from '../test/data.mjs';
import { startServer } from '../test/server.mjs';

const words = process.argv.slice(2);
const isServed = take('--serve') !== undefined;
const at = words.indexOf('--json');
const [, file] = at < 0 ? [] : words.splice(at, 2);
if (at >= 0 && file === undefined) throw new Error('--json takes the name of a file');

execFileSync('cargo', ['xtask', 'web-bench'], { cwd: repoDir, stdio: 'inherit' });
const server = await startServer({
  '/bench/': join(webDir, 'bench'),
  '/pkg/': join(webDir, 'pkg/bench'),
});
const address = `${server.origin}/bench/ops.html?words=${encodeURIComponent(JSON.stringify(words))}`;
if (isServed) {
  console.log(address);
} else {
  const { report, error } = await inChromium();
  await server.close();
  if (error !== undefined) process.exitCode = 1;
  else if (file !== undefined) writeFileSync(file, report);
}

function take(option) {
  const index = words.indexOf(option);
  return index < 0 ? undefined : words.splice(index, 1)[0];
}

async function inChromium() {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    page.on('console', (message) => {
      if (message.type() === 'log') console.log(message.text());
    });
    page.on('pageerror', (error) => console.error(error));
    await page.goto(address);
    const result = await page.waitForFunction(() => globalThis.opsResult, undefined, { timeout: 0 });
    return await result.jsonValue();
  } finally {
    await browser.close();
  }
}
