// Every type of weights in headless Chromium, WebGPU on SwiftShader, against exact arithmetic. Nothing here is timed.

import { test } from 'node:test';
import { launchChromium } from './browser.mjs';
import { weightModels } from './data.mjs';
import { browserTests } from './pages.mjs';

const { run } = browserTests(launchChromium);

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
