// Models in headless Chromium, WebGPU on SwiftShader, against their goldens. Nothing here is timed.

import { after, before, test } from 'node:test';
import { launchChromium } from './browser.mjs';
import { goldenModels, largeModels, weightModels } from './data.mjs';
import { inPage, serveAll } from './pages.mjs';

let server;
let browser;

before(async () => {
  server = await serveAll();
  browser = await launchChromium();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

const run = (script, arg) => inPage(browser, server.origin, script, arg);

for (const { name, model, golden } of goldenModels()) {
  test(`${name} agrees with its golden in every tier and parameter set`, async () => {
    await run(
      async ({ name, model, golden, whole }) => {
        const { load } = await import('/dist/index.js');
        const { checkMatrix } = await import('/test/golden.mjs');
        const results = await (await fetch(`/data/${golden}`)).json();
        const source = () => `/data/${model}`;
        await checkMatrix({ load, source, golden: results, name, whole, report: console.log });
      },
      { name, model, golden, whole: process.env.GGWEB_WHOLE },
    );
  });
}

for (const { name, model, golden } of largeModels()) {
  test(`${name} agrees with its golden`, async () => {
    await run(
      async ({ name, model, golden }) => {
        const { load } = await import('/dist/index.js');
        const { checkLarge } = await import('/test/golden.mjs');
        const results = await (await fetch(`/data/${golden}`)).json();
        const source = () => `/large/${model}`;
        await checkLarge({ load, source, golden: results, name, report: console.log });
      },
      { name, model, golden },
    );
  });
}

// How a block is multiplied in int8 is the same for all types of a kind: one file of each, unless all are asked for.
const INT8_KINDS = ['Q4_0', 'Q8_0', 'IQ2_S', 'Q4_K_M'];
const isTriedInInt8 = ({ name }) =>
  process.env.GGWEB_WHOLE !== undefined || INT8_KINDS.some((kind) => name.endsWith(`-${kind}`));
const weights = weightModels();
const notInInt8 = weights.filter((model) => !isTriedInInt8(model)).length;
if (notInInt8 > 0)
  console.log(`skipped: ${notInInt8} files of weights in int8: GGWEB_WHOLE=cells tries them`);

for (const { name, model, golden } of weights) {
  test(`${name} agrees with exact arithmetic over its weights`, async () => {
    await run(
      async ({ name, model, golden, withInt8 }) => {
        const { load } = await import('/dist/index.js');
        const { checkInt8, checkWeights } = await import('/test/golden.mjs');
        const results = await (await fetch(`/data/${golden}`)).json();
        const source = () => `/data/${model}`;
        await checkWeights({ load, source, golden: results, name, report: console.log });
        if (withInt8) await checkInt8({ load, source, golden: results, name, report: console.log });
      },
      { name, model, golden, withInt8: isTriedInInt8({ name }) },
    );
  });
}
