// What the browser tests share: where the server's folders lie, and running a function in a page.

import { join } from 'node:path';
import { after, before } from 'node:test';
import { dataDir, largeDir, repoDir, webDir } from './data.mjs';
import { startServer } from './server.mjs';

/** Serves the built package, the demo page under a sub-path, the models and this folder's page scripts. */
export function serveAll(more = {}, options = {}) {
  const mounts = {
    '/dist/': join(webDir, 'dist'),
    '/test/': join(webDir, 'test'),
    '/demo/under/a/path/': join(webDir, 'pkg/demo'),
    '/models/': join(repoDir, 'models'),
    '/data/': dataDir,
    ...(largeDir === undefined ? {} : { '/large/': largeDir }),
    '/empty.html': { text: '<!doctype html><title>empty</title><p>A page of the tests.' },
    ...more,
  };
  return startServer(mounts, options);
}

/**
 * A server and a browser for the tests of one file: started before the first of them, closed behind the last.
 *
 * `run` is `inPage` there; `browser` and `server` are there once a test runs.
 */
export function browserTests(launch) {
  let browser;
  let server;
  before(async () => {
    server = await serveAll();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });
  return {
    run: (script, arg) => inPage(browser, server.origin, script, arg),
    get browser() {
      return browser;
    },
    get server() {
      return server;
    },
  };
}

/**
 * Runs `script` in a fresh page, with `arg`; prints what it logs as `matrix: ` or `skipped: `.
 *
 * Works with a page of Playwright and of Puppeteer.
 */
export async function inPage(browser, origin, script, arg) {
  const page = await browser.newPage();
  page.on('console', (message) => {
    if (/^(matrix|skipped): /.test(message.text())) console.log(message.text());
  });
  try {
    await page.goto(`${origin}/empty.html`);
    return await page.evaluate(script, arg);
  } finally {
    await page.close();
  }
}
