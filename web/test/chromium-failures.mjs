// What can go wrong in a browser, and what the page hears of it. Part of the Chromium tests.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultModel, tinyModel } from './data.mjs';
import { inPage, serveAll } from './pages.mjs';

/** A page that may use other origins. */
const OPEN_CSP = "default-src * blob: 'unsafe-inline' 'wasm-unsafe-eval'";

/** Defines the tests, in the browser of `tests`, which `browserTests` made. */
export function failureTests(tests) {
  const { run } = tests;

  test('a panic rejects everything that is open with `internal`, and the next load works', async () => {
    const { codes, text } = await run(async (model) => {
      const { load } = await import('/dist/index.js');
      const { probedLoad } = await import('/test/probed.js');
      const { model: loading, ask } = probedLoad(`/${model}`);
      const loaded = await loading;
      const answer = loaded.generate('Once', { maxTokens: 200, ignoreEos: true });
      const waiting = [loaded.logits([1, 2]), loaded.tokenize('a')];
      let isAsked = false;
      const read = async () => {
        for await (const _ of answer) {
          if (!isAsked) void ask('panic');
          isAsked = true;
        }
      };
      const settled = await Promise.allSettled([read(), answer.result, ...waiting]);
      settled.push(...(await Promise.allSettled([loaded.generate('x').result])));
      const next = await load(`/${model}`);
      const { text } = await next.generate('Once upon a time', { maxTokens: 3, temperature: 0 }).result;
      return { codes: settled.map(({ reason }) => reason?.code), text };
    }, defaultModel);
    assert.deepEqual(codes, Array(5).fill('internal'));
    assert.match(text, /^, there/);
  });

  test('a lost device ends generations and loads with `device-lost`, and the next load works', async () => {
    const { codes, text } = await run(async (model) => {
      const { load } = await import('/dist/index.js');
      const { probedLoad } = await import('/test/probed.js');
      const codeOf = (promise) =>
        promise.then(
          () => 'none',
          (error) => error.code,
        );
      const { model: loading, ask } = probedLoad(`/${model}`);
      const loaded = await loading;
      const answer = loaded.generate('Once', { maxTokens: 200, ignoreEos: true });
      let isAsked = false;
      const read = async () => {
        for await (const _ of answer) {
          if (!isAsked) void ask('destroy');
          isAsked = true;
        }
      };
      const [loop, result] = await Promise.all([codeOf(read()), codeOf(answer.result)]);
      const codes = { loop, result };
      codes.generate = await codeOf(loaded.generate('x').result);
      codes.logits = await codeOf(loaded.logits([1, 2]));
      loaded.dispose();
      for (const phase of ['download', 'compile']) {
        let isGone = false;
        const probed = probedLoad(`/${model}?slow=10&lost=${phase}`, {
          onProgress: (progress) => {
            if (progress.phase === phase && !isGone) void probed.ask('destroy');
            isGone ||= progress.phase === phase;
          },
        });
        codes[phase] = await codeOf(probed.model);
      }
      const next = await load(`/${model}`);
      const { text } = await next.generate('Once upon a time', { maxTokens: 3, temperature: 0 }).result;
      return { codes, text };
    }, defaultModel);
    assert.deepEqual(codes, {
      loop: 'device-lost',
      result: 'device-lost',
      generate: 'device-lost',
      logits: 'device-lost',
      download: 'device-lost',
      compile: 'device-lost',
    });
    assert.match(text, /^, there/);
  });

  test('a driver that refuses the kernels of int8 gets a model in f32, and one that refuses more is told', async () => {
    const seen = await run(async (model) => {
      const { probedLoad } = await import('/test/probed.js');
      // The set of a software adapter gains nothing by int8 and would not ask.
      const without = async (refuse) => {
        const { model: loading, ask } = probedLoad(`/${model}`, { params: 'gpu' }, { refuse });
        return loading.then(
          async (loaded) => {
            const { text } = await loaded.generate('Once upon a time', { maxTokens: 3, temperature: 0 })
              .result;
            const { refusals } = await ask('counts');
            return { activations: loaded.info.activations, text, refusals };
          },
          ({ code, message }) => ({ code, message }),
        );
      };
      return [await without('dot4I8Packed'), await without('fn attention(')];
    }, tinyModel);
    assert.ok(seen[0].refusals > 0, 'int8 was tried');
    assert.equal(seen[0].activations, 'f32');
    assert.match(seen[0].text, /^, there/);
    assert.equal(seen[1].code, 'internal');
    assert.match(seen[1].message, /refused by the test/);
  });

  test('a context that cannot fit is `out-of-memory` before any weight is there', async () => {
    const found = await run(async (model) => {
      const { load } = await import('/dist/index.js');
      const found = [];
      for (const contextLength of [1_000_000, 2 ** 32 - 1]) {
        let loaded = 0;
        const onProgress = (progress) => {
          loaded = Math.max(loaded, progress.loaded);
        };
        const error = await load(`/${model}`, { contextLength, onProgress }).catch((thrown) => thrown);
        found.push({ code: error.code, message: error.message, loaded });
      }
      return found;
    }, defaultModel);
    for (const { code, message, loaded } of found) {
      assert.equal(code, 'out-of-memory');
      assert.match(message, /does not fit.*context/);
      assert.equal(loaded, 0, 'the header is in the first piece');
    }
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

  test('a page in place of engine.wasm, and no worker, say which option helps', async () => {
    const messages = await run(async (model) => {
      const { load } = await import('/dist/index.js');
      const message = (options) =>
        load(`/${model}`, options).catch((error) => `${error.code}: ${error.message}`);
      const worker = () => new Worker('/none.js', { type: 'module' });
      return [await message({ wasmUrl: '/empty.html' }), await message({ worker })];
    }, tinyModel);
    assert.match(messages[0], /^download-failed: .*HTML page.*`wasmUrl`/);
    assert.match(messages[1], /^internal: .*`worker`/);
  });

  test('package and model may come from another origin, which hides its headers and sees no preflight', async () => {
    const home = await serveAll({}, { csp: OPEN_CSP });
    const away = await serveAll({}, { csp: OPEN_CSP });
    try {
      const { text, codes } = await inPage(
        tests.browser,
        home.origin,
        async ({ away, model }) => {
          const { load } = await import(`${away}/dist/index.js`);
          const code = (query) =>
            load(`${away}/${model}?${query}`).then(
              (loaded) => loaded.dispose() ?? 'loaded',
              (error) => `${error.code}: ${error.message}`,
            );
          const loaded = await load(`${away}/${model}?cut=300000&cuts=1&slow=30`);
          const options = { maxTokens: 4, temperature: 0 };
          const { text } = await loaded.generate('Once upon a time', options).result;
          loaded.dispose();
          return {
            text,
            codes: [
              await code('gzip=1'),
              await code('cut=300000&cuts=1&slow=30&ranges=off'),
              await code('cut=300000&cuts=1&slow=30&then=stories15M-q4_0.gguf'),
              await code('cut=300000&cuts=1&slow=30&hide=Last-Modified'),
            ],
          };
        },
        { away: away.origin, model: tinyModel },
      );
      assert.match(text, /^, there/);
      assert.deepEqual(codes.slice(0, 2), ['loaded', 'loaded']);
      assert.match(codes[2], /^download-failed: .*the file has changed/);
      assert.match(codes[3], /^download-failed: .*nothing shows whether/);
      const asked = away.requests.filter(({ path }) => path === `/${tinyModel}`);
      assert.equal(asked[0].range, 'bytes=0-');
      // What had arrived and was not yet read is lost with the connection, so it goes on a little earlier.
      assert.match(asked[1].range, /^bytes=[1-9]\d*-$/);
      for (const { method, ifRange } of asked) assert.deepEqual([method, ifRange], ['GET', undefined]);
    } finally {
      await home.close();
      await away.close();
    }
  });
}
