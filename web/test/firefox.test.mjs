// The package in headless Firefox, WebGPU on lavapipe.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchFirefox } from './browser.mjs';
import { defaultModel, goldenModels } from './data.mjs';
import { browserTests } from './pages.mjs';

const { run } = browserTests(launchFirefox);

test('a readback after two dispatches takes under 5 ms, as the median of 50', async () => {
  const ms = await run(async (model) => {
    const { probedLoad } = await import('/test/probed.js');
    const { model: loading, ask } = probedLoad(`/${model}`);
    await loading;
    return (await ask('readbacks', { count: 50 })).ms;
  }, defaultModel);
  const sorted = [...ms].sort((a, b) => a - b);
  const median = (sorted[24] + sorted[25]) / 2;
  console.log(`readback: median ${median.toFixed(2)} ms, longest ${sorted[49].toFixed(2)} ms`);
  assert.equal(ms.length, 50);
  assert.ok(median < 5, `${median} ms`);
});

test('the default model tells a story, and the same one again', async () => {
  const generate = () =>
    run(async (model) => {
      const { load } = await import('/dist/index.js');
      const loaded = await load(`/${model}`);
      const answer = loaded.generate('Once upon a time', { maxTokens: 24, temperature: 0.8, seed: 5 });
      let text = '';
      for await (const piece of answer) text += piece;
      const { ids } = await answer.result;
      const greedy = await loaded.generate('Once upon a time', { maxTokens: 16, temperature: 0 }).result;
      const { isSoftware, params } = loaded.info;
      return { text, ids, greedy: greedy.text, isSoftware, params };
    }, defaultModel);
  const first = await generate();
  // This browser names no adapter, but the right parameter set is found all the same.
  assert.equal(first.isSoftware, true);
  assert.equal(first.params, 'software');
  assert.match(first.greedy, /there was a little girl named Lily/);
  assert.ok(first.text.length > 20, first.text);
  assert.deepEqual(await generate(), first);
});

// Firefox is not one of the three places that must pass every golden; one small file shows that its shaders agree.
const small = goldenModels().find(({ name }) => name === 'stories260K-q8_0');

test('stories260K-q8_0 agrees with its golden in every tier and parameter set', async () => {
  await run(async ({ name, model, golden }) => {
    const { load } = await import('/dist/index.js');
    const { checkMatrix } = await import('/test/golden.mjs');
    const results = await (await fetch(`/data/${golden}`)).json();
    await checkMatrix({ load, source: () => `/data/${model}`, golden: results, name, report: console.log });
  }, small);
});
