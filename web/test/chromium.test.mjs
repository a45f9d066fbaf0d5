// The package in headless Chromium, WebGPU on SwiftShader.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchChromium } from './browser.mjs';
import { defaultModel, goldenModels, tinyModel, weightModels } from './data.mjs';
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
      { name, model, golden, whole: Boolean(process.env.GGWEB_WHOLE) },
    );
  });
}

for (const { name, model, golden } of weightModels()) {
  test(`${name} agrees with exact arithmetic over its weights`, async () => {
    await run(
      async ({ name, model, golden }) => {
        const { load } = await import('/dist/index.js');
        const { checkWeights } = await import('/test/golden.mjs');
        const results = await (await fetch(`/data/${golden}`)).json();
        const source = () => `/data/${model}`;
        await checkWeights({ load, source, golden: results, name, report: console.log });
      },
      { name, model, golden },
    );
  });
}

test('two page loads with the same seed give the same tokens', async () => {
  const generate = () =>
    run(async (model) => {
      const { load } = await import('/dist/index.js');
      const loaded = await load(`/${model}`);
      const options = { temperature: 0.8, seed: 3, maxTokens: 48 };
      const { ids, text } = await loaded.generate('Once upon a time', options).result;
      return { ids, text };
    }, defaultModel);
  const first = await generate();
  assert.ok(first.ids.length > 10, first.text);
  assert.deepEqual(await generate(), first);
});

test('stop returns within a second: starting, downloading, compiling, in prefill and in decode', async () => {
  const elapsed = await run(async (model) => {
    const { load } = await import('/dist/index.js');
    const times = {};
    /** Aborts at the start of `phase` of a load. */
    const stopLoad = async (phase, url) => {
      const stop = new AbortController();
      let at;
      const onProgress = (progress) => {
        if (progress.phase !== phase || at !== undefined) return;
        at = performance.now();
        setTimeout(() => stop.abort(), 5);
      };
      const error = await load(url, { onProgress, signal: stop.signal }).then(
        () => undefined,
        (thrown) => thrown,
      );
      if (error?.name !== 'AbortError') throw new Error(`${phase}: ended with ${error}`);
      times[phase] = performance.now() - at;
    };
    await stopLoad('start', `/${model}`);
    await stopLoad('download', `/${model}?slow=50`);
    await stopLoad('compile', `/${model}?fresh`);

    const loaded = await load(`/${model}`);
    /** Aborts after `pieces` pieces of a generation. */
    const stopGenerate = async (name, prompt, pieces) => {
      const stop = new AbortController();
      const answer = loaded.generate(prompt, { signal: stop.signal, maxTokens: 200, ignoreEos: true });
      let at = performance.now();
      const abort = () => {
        at = performance.now();
        stop.abort();
      };
      if (pieces === 0) setTimeout(abort, 20);
      let seen = 0;
      for await (const _ of answer) if (++seen === pieces) abort();
      const { stopReason } = await answer.result;
      if (stopReason !== 'aborted') throw new Error(`${name}: ended by ${stopReason}`);
      times[name] = performance.now() - at;
    };
    await stopGenerate('prefill', Array(250).fill(263), 0);
    await stopGenerate('decode', 'Once upon a time', 3);
    const { text } = await loaded.generate('Once upon a time', { maxTokens: 4, temperature: 0 }).result;
    if (!text.startsWith(', there')) throw new Error(`after the stops: ${text}`);
    return times;
  }, defaultModel);
  console.log(`stop: ${JSON.stringify(elapsed)}`);
  for (const [phase, ms] of Object.entries(elapsed)) assert.ok(ms <= 1000, `${phase}: ${ms} ms`);
});

test('while all pipelines compile in a fresh profile, the worker’s event loop is never held up for long', async () => {
  const fresh = await launchChromium();
  try {
    const { gapMax } = await inPage(
      fresh,
      server.origin,
      async (model) => {
        const { probedLoad } = await import('/test/probed.js');
        const { model: loading, ask } = probedLoad(`/${model}`);
        await loading;
        return ask('counts');
      },
      defaultModel,
    );
    console.log(`event loop: longest gap ${gapMax.toFixed(0)} ms`);
    assert.ok(gapMax <= 200, `${gapMax} ms`);
  } finally {
    await fresh.close();
  }
});

test('a model of over 100 MB passes through a wasm heap under 64 MiB, with at most 32 MiB in flight', async () => {
  const { size, wasmBytes, inFlightMax } = await run(async () => {
    const { probedLoad } = await import('/test/probed.js');
    const { makeModel } = await import('/test/make-model.mjs');
    const file = makeModel();
    const { model: loading, ask } = probedLoad(file);
    const model = await loading;
    const logits = await model.logits([1, 5, 9]);
    if (!logits.every(Number.isFinite)) throw new Error('the logits are not finite');
    const { wasmBytes, written } = await ask('counts');
    return { size: file.size, wasmBytes, inFlightMax: written.inFlightMax };
  });
  const mib = (bytes) => (bytes / 2 ** 20).toFixed(1);
  console.log(`memory: ${mib(size)} MiB file, ${mib(wasmBytes)} MiB wasm, ${mib(inFlightMax)} MiB in flight`);
  assert.ok(size > 100e6);
  assert.ok(wasmBytes > 0 && wasmBytes < 64 * 2 ** 20, `${wasmBytes} bytes of wasm memory`);
  assert.ok(inFlightMax > 0 && inFlightMax <= 32 * 2 ** 20, `${inFlightMax} bytes in flight`);
});

test('a decode step creates nothing and is one submit', async () => {
  const { before, after } = await run(async (model) => {
    const { probedLoad } = await import('/test/probed.js');
    const { model: loading, ask } = probedLoad(`/${model}`);
    const loaded = await loading;
    // One generation more is what warms up whatever is made on first use.
    const generate = (maxTokens) =>
      loaded.generate([1], { maxTokens, temperature: 0, ignoreEos: true }).result;
    await generate(16);
    const { counts: start } = await ask('counts');
    await generate(16);
    const { counts: before } = await ask('counts');
    await generate(80);
    const { counts: after } = await ask('counts');
    const less = (a, b) => Object.fromEntries(Object.keys(a).map((key) => [key, a[key] - b[key]]));
    return { before: less(before, start), after: less(after, before) };
  }, defaultModel);
  const steps = 80 - 16;
  for (const kind of ['createBuffer', 'createBindGroup', 'createComputePipeline']) {
    assert.equal(after[kind] - before[kind], 0, `${kind}: ${after[kind]}, before ${before[kind]}`);
  }
  assert.equal(after.submit - before.submit, steps, `submits: ${after.submit}, before ${before.submit}`);
});

test('a panic rejects everything that is open with `internal`, and the next load works', async () => {
  const { codes, text } = await run(async (model) => {
    const { load } = await import('/dist/index.js');
    const { probedLoad } = await import('/test/probed.js');
    const { model: loading, ask } = probedLoad(`/${model}`);
    const loaded = await loading;
    const answer = loaded.generate('Once', { maxTokens: 200, ignoreEos: true });
    const open = [answer.result, loaded.logits([1, 2]), loaded.tokenize('a')];
    for await (const _ of answer) break;
    void ask('panic');
    const settled = await Promise.allSettled([...open.slice(1), loaded.generate('x').result]);
    const codes = settled.map(({ reason }) => reason?.code);
    const next = await load(`/${model}`);
    return {
      codes,
      text: (await next.generate('Once upon a time', { maxTokens: 3, temperature: 0 }).result).text,
    };
  }, defaultModel);
  assert.deepEqual(codes, ['internal', 'internal', 'internal']);
  assert.match(text, /^, there/);
});

test('what cannot be loaded has its code', async () => {
  const codes = await run(async (model) => {
    const { load } = await import('/dist/index.js');
    const code = (source, options) =>
      load(source, options).then(
        () => 'loaded',
        (error) => error.code,
      );
    return {
      missing: await code('/models/none.gguf'),
      cut: await code(`/${model}?cut=0`),
      resumed: await code(`/${model}?cut=300000&cuts=2`),
      html: await code('/empty.html'),
      contextLength: await code(`/${model}`, { contextLength: -1 }),
      adapter: await code(`/${model}`, { adapter: 'no such adapter' }),
    };
  }, tinyModel);
  assert.deepEqual(codes, {
    missing: 'download-failed',
    cut: 'download-failed',
    resumed: 'loaded',
    html: 'malformed-file',
    contextLength: 'invalid-argument',
    adapter: 'webgpu-unavailable',
  });
});

test('the demo page tells a story under a sub-path, and stops', async () => {
  const page = await browser.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(`${server.origin}/demo/under/a/path/`);
  await page.waitForSelector('#go:not([disabled])', { timeout: 120_000 });
  assert.match(await page.textContent('#notices'), /No GPU was found/);
  await page.fill('#setting-maxTokens', '24');
  await page.press('#setting-maxTokens', 'Tab');
  await page.click('#go');
  await page.waitForFunction(() => /\d/.test(document.querySelector('#stat-tokens').textContent));
  await page.waitForSelector('#go:not(.stop)', { timeout: 120_000 });
  assert.match(await page.textContent('#text'), /^Once upon a time.{20}/s);
  assert.match(await page.textContent('#stat-speed'), /tok\/s/);
  assert.match(await page.textContent('#stat-ttft'), /ms|s$/);

  await page.fill('#setting-maxTokens', '1000');
  await page.press('#setting-maxTokens', 'Tab');
  await page.click('#go');
  await page.waitForFunction(() => /[1-9]/.test(document.querySelector('#stat-tokens').textContent));
  await page.click('#go');
  await page.waitForSelector('#go:not(.stop)', { timeout: 1000 });
  assert.match(await page.textContent('#stat-stop'), /you/);

  await page.setInputFiles('#file', { name: 'broken.gguf', mimeType: '', buffer: Buffer.from('no GGUF') });
  await page.waitForSelector('.notice.bad');
  assert.match(await page.textContent('.notice.bad'), /not a GGUF file/);
  assert.deepEqual(problems, []);
  await page.close();
});

test('without an adapter the demo page says what to do', async () => {
  const without = await launchChromium({ isWebGpu: false });
  try {
    const page = await without.newPage();
    await page.goto(`${server.origin}/demo/under/a/path/`);
    await page.waitForSelector('.notice.bad', { timeout: 60_000 });
    assert.match(await page.textContent('.notice.bad'), /WebGPU is not available/);
    assert.match(await page.textContent('.notice.bad'), /--enable-unsafe-webgpu/);
  } finally {
    await without.close();
  }
});
