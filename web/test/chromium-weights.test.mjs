// Every type of weights in headless Chromium, WebGPU on SwiftShader, against exact arithmetic. Nothing here is timed.

import { test } from 'node:test';
import { launchChromium } from './browser.mjs';
import { weightModels } from './data.mjs';
import { browserTests } from './pages.mjs';

const { run } = browserTests(launchChromium);

// How a block is multiplied in int8, and what a cache in f16 costs, is the same for all types of a kind: one file of
// each, unless all are asked for.
const KINDS = ['Q4_0', 'Q8_0', 'IQ2_S', 'Q4_K_M'];
const isTriedInAll = ({ name }) =>
  process.env.GGWEB_WHOLE !== undefined || KINDS.some((kind) => name.endsWith(`-${kind}`));
const weights = weightModels();
const notInAll = weights.filter((model) => !isTriedInAll(model)).length;
if (notInAll > 0)
  console.log(
    `skipped: ${notInAll} files of weights in int8 and with a cache in f16: GGWEB_WHOLE=cells tries them`,
  );

for (const { name, model, golden } of weights) {
  test(`${name} agrees with exact arithmetic over its weights`, async () => {
    await run(
      async ({ name, model, golden, inAll }) => {
        const { load } = await import('/dist/index.js');
        const { checkF16, checkInt8, checkWeights } = await import('/test/golden.mjs');
        const results = await (await fetch(`/data/${golden}`)).json();
        const source = () => `/data/${model}`;
        await checkWeights({ load, source, golden: results, name, report: console.log });
        if (!inAll) return;
        await checkF16({ load, source, golden: results, name, report: console.log });
        await checkInt8({ load, source, golden: results, name, report: console.log });
      },
      { name, model, golden, inAll: isTriedInAll({ name }) },
    );
  });
}
