// Trained models in headless Chromium, WebGPU on SwiftShader, against their goldens. Nothing here is timed.

import { test } from 'node:test';
import { launchChromium } from './browser.mjs';
import { goldenModels, largeModels } from './data.mjs';
import { browserTests } from './pages.mjs';

const { run } = browserTests(launchChromium);

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
