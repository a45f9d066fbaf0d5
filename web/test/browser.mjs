// Starting browsers for tests, headless and without a GPU.

import { chromium } from 'playwright-core';
import puppeteer from 'puppeteer-core';

const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** Chromium with WebGPU on SwiftShader; `isWebGpu: false` is a browser without it. */
export async function launchChromium({ isWebGpu = true } = {}) {
  const args = isWebGpu ? CHROMIUM_ARGS : CHROMIUM_ARGS.filter((arg) => !arg.includes('webgpu'));
  return chromium.launch({
    executablePath: process.env.GGWEB_BROWSER ?? '/usr/bin/chromium',
    args: isWebGpu ? args : [...args, '--disable-features=WebGPU', '--disable-blink-features=WebGPU'],
  });
}

/** Firefox with WebGPU on lavapipe. */
export async function launchFirefox() {
  return puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.GGWEB_BROWSER ?? '/usr/bin/firefox-esr',
    headless: true,
    protocolTimeout: 600_000,
    extraPrefsFirefox: {
      'dom.webgpu.enabled': true,
      'dom.webgpu.workers.enabled': true,
      'gfx.webgpu.ignore-blocklist': true,
      'network.captive-portal-service.enabled': false,
      'app.update.enabled': false,
    },
  });
}
