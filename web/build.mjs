// Makes web/dist (the package) and web/pkg/demo (the demo page) from web/src, web/demo and the wasm in web/pkg.
// `cargo xtask web` runs it after it has built the wasm.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { build } from 'vite';

/** The packed package, gzipped as npm sends it. */
const PACKED_BYTES_MAX = 500_000;

const OPTIMIZE_FLAGS = [
  '-Oz',
  '--enable-bulk-memory',
  '--enable-nontrapping-float-to-int',
  '--enable-sign-ext',
  '--enable-mutable-globals',
  '--enable-reference-types',
  '--enable-multivalue',
];

process.chdir(import.meta.dirname);

rmSync('dist', { recursive: true, force: true });
mkdirSync('dist');
optimize('pkg/engine_bg.wasm', 'dist/engine.wasm');
await bundle('index');
await bundle('worker');
declareTypes();
for (const licence of ['LICENSE-MIT', 'LICENSE-APACHE']) {
  if (existsSync(`../${licence}`)) cpSync(`../${licence}`, licence);
}
cpSync('pkg/THIRD-PARTY.txt', 'dist/THIRD-PARTY.txt');
await buildDemo();
reportSizes();

/** Shrinks the wasm; the last result is kept beside its input, since this takes seconds. */
function optimize(input, output) {
  const hash = createHash('sha256').update(readFileSync(input)).update(OPTIMIZE_FLAGS.join()).digest('hex');
  const kept = `pkg/opt-${hash.slice(0, 16)}.wasm`;
  if (!existsSync(kept)) {
    for (const old of readdirSync('pkg')) if (old.startsWith('opt-')) rmSync(`pkg/${old}`);
    execFileSync(process.execPath, [
      'node_modules/binaryen/bin/wasm-opt',
      ...OPTIMIZE_FLAGS,
      input,
      '-o',
      kept,
    ]);
  }
  cpSync(kept, output);
}

/** One entry, one file: a worker may be copied anywhere with nothing but the wasm beside it. */
async function bundle(name) {
  const bundled = await rolldown({ input: `src/${name}.ts`, platform: 'browser' });
  await bundled.write({ file: `dist/${name}.js`, format: 'esm', minify: true, codeSplitting: false });
  await bundled.close();
}

/** tsc writes each module by itself; tests use the JavaScript, the package has the declarations. */
function declareTypes() {
  rmSync('pkg/src', { recursive: true, force: true });
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'], {
    stdio: 'inherit',
  });
  for (const name of ['index', 'errors', 'load', 'types', 'worker']) {
    cpSync(`pkg/src/${name}.d.ts`, `dist/${name}.d.ts`);
  }
}

/** The demo consumes the built package as any app would, and can be served from any folder of any host. */
async function buildDemo() {
  await build({ configFile: 'demo/vite.config.mjs', logLevel: 'warn' });
  if (existsSync('../models')) cpSync('../models', 'pkg/demo/models', { recursive: true });
  // The models' licences ask to be told; browsers show a .txt.
  cpSync('../NOTICE', 'pkg/demo/NOTICE.txt');
  cpSync('pkg/THIRD-PARTY.txt', 'pkg/demo/THIRD-PARTY.txt');
}

function reportSizes() {
  for (const file of ['engine.wasm', 'worker.js', 'index.js']) {
    const bytes = readFileSync(`dist/${file}`);
    const gzipped = gzipSync(bytes, { level: 9 }).length;
    console.log(`${file.padEnd(14)} ${kb(bytes.length)}   gzip ${kb(gzipped)}`);
  }
  const [packed] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json'], { encoding: 'utf8' }));
  console.log(`${'packed'.padEnd(14)} ${kb(packed.size)} of at most ${kb(PACKED_BYTES_MAX)}`);
  if (packed.size > PACKED_BYTES_MAX) throw new Error('the package is over its size budget');
}

function kb(bytes) {
  return `${(bytes / 1000).toFixed(1).padStart(7)} KB`;
}
