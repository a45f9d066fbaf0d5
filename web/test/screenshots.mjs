// Takes pictures of the built demo page into web/test-results: node test/screenshots.mjs

import { mkdirSync } from 'node:fs';
import { launchChromium } from './browser.mjs';
import { startServer } from './server.mjs';

const VIEWS = [
  { name: 'desktop', viewport: { width: 1280, height: 860 }, colorScheme: 'light' },
  { name: 'desktop-dark', viewport: { width: 1280, height: 860 }, colorScheme: 'dark' },
  { name: 'phone', viewport: { width: 390, height: 844 }, colorScheme: 'light', deviceScaleFactor: 2 },
  { name: 'phone-dark', viewport: { width: 390, height: 844 }, colorScheme: 'dark', deviceScaleFactor: 2 },
];

const web = new URL('..', import.meta.url).pathname;
const out = `${web}test-results`;
mkdirSync(out, { recursive: true });
const server = await startServer({ '/demo/': `${web}pkg/demo` });
try {
  const browser = await launchChromium();
  for (const { name, ...view } of VIEWS) {
    const page = await browser.newPage(view);
    await page.goto(`${server.origin}/demo/`);
    await page.waitForSelector('#go:not([disabled])', { timeout: 120_000 });
    await page.click('#go');
    await page.waitForFunction(() => document.querySelector('#text').textContent.length > 260);
    await page.screenshot({ path: `${out}/${name}-writing.png`, fullPage: true });
    await page.waitForSelector('#go:not(.stop)', { timeout: 120_000 });
    await page.screenshot({ path: `${out}/${name}.png`, fullPage: true });
    await page.close();
  }
  await browser.close();

  const without = await launchChromium({ isWebGpu: false });
  const page = await without.newPage({ viewport: { width: 390, height: 844 } });
  await page.goto(`${server.origin}/demo/`);
  await page.waitForSelector('.notice.bad', { timeout: 60_000 });
  await page.screenshot({ path: `${out}/no-webgpu.png`, fullPage: true });
  await without.close();
} finally {
  await server.close();
}
