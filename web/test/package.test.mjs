// The packed tarball, installed and used as a stranger would.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { build, createServer } from 'vite';
import { launchChromium } from './browser.mjs';
import { repoDir, webDir } from './data.mjs';
import { startServer } from './server.mjs';

/** The packed package, gzipped as npm sends it. */
const PACKED_BYTES_MAX = 500_000;

let dir;
let tarball;
let browser;

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ggweb-package-'));
  cpSync(join(import.meta.dirname, 'packaging'), dir, { recursive: true });
  const packed = npm(['pack', '--json', '--pack-destination', dir], webDir);
  tarball = join(dir, JSON.parse(packed)[0].filename);
  for (const app of ['vite-app', 'plain', 'types']) {
    writeFileSync(join(dir, app, 'package.json'), '{ "private": true, "type": "module" }\n');
    npm(['install', '--no-save', tarball], join(dir, app));
  }
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  rmSync(dir, { recursive: true, force: true });
});

function npm(args, cwd) {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

/** What the page at `url` generates; fails where it reports an error instead. */
async function storyOf(url) {
  const page = await browser.newPage();
  try {
    await page.goto(url);
    await page.waitForSelector('#out[data-stop]', { state: 'attached', timeout: 120_000 });
    assert.equal(await page.getAttribute('#out', 'data-stop'), 'length');
    return await page.textContent('#out');
  } finally {
    await page.close();
  }
}

test('the tarball holds what it should, and is small', () => {
  const size = readFileSync(tarball).length;
  console.log(`package: ${(size / 1000).toFixed(1)} KB packed`);
  assert.ok(size <= PACKED_BYTES_MAX, `${size} bytes`);
  const installed = join(dir, 'plain/node_modules/ggweb');
  const files = readdirSync(join(installed, 'dist')).filter((name) => !name.endsWith('.d.ts'));
  assert.deepEqual(files.sort(), ['THIRD-PARTY.txt', 'engine.wasm', 'index.js', 'worker.js']);
  for (const licence of ['LICENSE-APACHE', 'LICENSE-MIT']) assert.ok(existsSync(join(installed, licence)));
  const thirdParty = readFileSync(join(installed, 'dist/THIRD-PARTY.txt'), 'utf8');
  for (const crate of ['wgpu', 'wasm-bindgen', 'slab']) {
    assert.match(thirdParty, new RegExp(`^${crate} \\d.*: MIT`, 'm'));
    assert.match(thirdParty, new RegExp(`^-+\\n.*\\b${crate} \\d[^]*?Permission is hereby granted`, 'm'));
  }
  const { dependencies, exports } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  assert.equal(dependencies, undefined);
  assert.deepEqual(Object.keys(exports), ['.', './worker', './engine.wasm', './package.json']);
});

test('every export resolves to a file that is there', () => {
  const script = `for (const name of ['ggweb', 'ggweb/worker', 'ggweb/engine.wasm', 'ggweb/package.json'])
    console.log(import.meta.resolve(name))`;
  const args = ['--input-type=module', '--eval', script];
  const out = execFileSync(process.execPath, args, { cwd: join(dir, 'plain'), encoding: 'utf8' });
  const urls = out.trim().split('\n');
  assert.equal(urls.length, 4);
  for (const url of urls) assert.ok(existsSync(new URL(url)), url);
});

test('strict users type-check against it', () => {
  const tsc = join(webDir, 'node_modules/typescript/bin/tsc');
  for (const [module, resolution] of [
    ['esnext', 'bundler'],
    ['nodenext', 'nodenext'],
  ]) {
    const args = [tsc, '-p', join(dir, 'types'), '--module', module, '--moduleResolution', resolution];
    execFileSync(process.execPath, args, { stdio: 'inherit' });
  }
});

test('it runs from a plain page, under a strict content security policy', async () => {
  const server = await startServer({ '/': join(dir, 'plain'), '/models/': join(repoDir, 'models') });
  try {
    assert.match(await storyOf(`${server.origin}/`), /^, there was/);
  } finally {
    await server.close();
  }
});

test('it runs in a Vite app that was built', async () => {
  const root = join(dir, 'vite-app');
  await build({ root, logLevel: 'warn', build: { target: 'es2022' } });
  const server = await startServer({ '/': join(root, 'dist'), '/models/': join(repoDir, 'models') });
  try {
    assert.match(await storyOf(`${server.origin}/`), /^, there was/);
  } finally {
    await server.close();
  }
});

test('it runs in a Vite app under development', async () => {
  const root = join(dir, 'vite-app');
  cpSync(join(repoDir, 'models/stories260K-q8_0.gguf'), join(root, 'public/models/stories260K-q8_0.gguf'));
  const server = await createServer({ root, logLevel: 'warn', server: { port: 0, host: '127.0.0.1' } });
  try {
    await server.listen();
    const { port } = server.httpServer.address();
    assert.match(await storyOf(`http://localhost:${port}/`), /^, there was/);
  } finally {
    await server.close();
  }
});
