// The package's own logic, with an engine made by hand: messages, sources, options, errors, stopping.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { load } from '../pkg/src/index.js';
import { CHUNK_BYTES_MAX } from '../pkg/src/source/chunks.js';
import { fakeEngine, INFO, joined, sleep } from './fake-engine.mjs';
import { bytes, hasCode, loadFake, rejectsSoon } from './load-fake.mjs';
import { startServer } from './server.mjs';
import './unit-downloads.mjs';
import './unit-refusals.mjs';

let dir;
let server;

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ggweb-unit-'));
  writeFileSync(join(dir, 'model.gguf'), bytes);
  server = await startServer({ '/': dir });
});

after(async () => {
  await server.close();
  rmSync(dir, { recursive: true });
});

const url = (query = '') => `${server.origin}/model.gguf${query}`;

test('every kind of source arrives whole, in order and in pieces', async () => {
  const stream = () =>
    new ReadableStream({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 700_001) controller.enqueue(bytes.slice(at, at + 700_001));
        controller.close();
      },
    });
  const sources = {
    address: url(),
    URL: new URL(url()),
    blob: new Blob([bytes]),
    buffer: bytes.slice().buffer,
    view: bytes.subarray(0),
    stream: stream(),
  };
  for (const [name, source] of Object.entries(sources)) {
    const { model, seen } = await loadFake(source);
    assert.deepEqual(model.info, INFO, name);
    assert.ok(joined(seen.chunks).equals(bytes), `${name}: the bytes differ`);
    assert.ok(
      seen.chunks.every((chunk) => chunk.length <= CHUNK_BYTES_MAX),
      name,
    );
    assert.equal(seen.options.total_bytes, name === 'stream' ? undefined : bytes.length, name);
    model.dispose();
  }
  assert.equal(bytes.length, 5_000_001, 'the caller’s bytes were taken away');
});

test('a download that breaks goes on where it broke', async () => {
  const cases = ['?cut=1500000&cuts=3', '?cut=0&cuts=2', '?cut=3000000&cuts=2&ranges=off'];
  for (const query of cases) {
    const { model, seen } = await loadFake(url(query));
    assert.ok(joined(seen.chunks).equals(bytes), `${query}: the bytes differ`);
    model.dispose();
  }
  const ranges = server.requests.map((request) => request.range).filter((range) => range !== undefined);
  assert.ok(ranges.includes('bytes=1500000-'), `no request went on at the break: ${ranges}`);
});

test('a download that cannot be had is download-failed, and says why', async () => {
  await assert.rejects(loadFake(url('?status=404')), hasCode('download-failed'));
  await assert.rejects(loadFake(url('?status=503')), /answered 503/);
  await assert.rejects(loadFake(url('?cut=0')), hasCode('download-failed'));
  await assert.rejects(loadFake('http://localhost:1/none.gguf'), hasCode('download-failed'));
  const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('no more')) });
  await assert.rejects(
    loadFake(broken),
    (error) => hasCode('download-failed')(error) && /no more/.test(error.message),
  );
});

test('progress goes through the phases, with bytes and speed', async () => {
  const told = [];
  const { model } = await loadFake(url('?slow=3'), { onProgress: (progress) => told.push(progress) });
  const phases = [...new Set(told.map(({ phase }) => phase))];
  assert.deepEqual(phases, ['start', 'download', 'compile', 'ready']);
  assert.deepEqual(
    told.map(({ loaded }) => loaded),
    told.map(({ loaded }) => loaded).sort((a, b) => a - b),
  );
  assert.equal(told.at(-1).loaded, bytes.length);
  assert.equal(told.at(-1).total, bytes.length);
  assert.ok(told.some(({ phase, bytesPerSecond }) => phase === 'download' && bytesPerSecond > 0));
  model.dispose();
});

test('options reach the engine in its own names', async () => {
  const { model, seen } = await loadFake(bytes, {
    contextLength: 128,
    cacheTypeK: 'f32',
    tier: 'base',
    params: 'gpu',
    exact: true,
  });
  assert.deepEqual(seen.options, {
    n_ctx: 128,
    cache_type_k: 'f32',
    tier: 'base',
    params: 'gpu',
    activations: 'f32',
    total_bytes: bytes.length,
    known_gates: '',
  });
  await model.generate('a', { maxTokens: 3, topK: 5, repeatPenalty: 1.1, seed: 2 ** 40, ignoreEos: true })
    .result;
  assert.deepEqual(seen.generated[0].options, {
    n_predict: 3,
    ignore_eos: true,
    top_k: 5,
    repeat_penalty: 1.1,
    seed: 2n ** 40n,
  });
  model.dispose();
});

test('wrong arguments are invalid-argument, before anything starts', async () => {
  const loads = [{ contextLength: 0 }, { contextLength: 1.5 }, { tier: 'best' }, { cacheTypeV: 'q8_0' }];
  loads.push({ activations: 'int4' }, { exact: 1 }, { activations: 'int8', exact: true });
  for (const options of loads) await assert.rejects(loadFake(bytes, options), hasCode('invalid-argument'));
  for (const source of [42, null, {}]) await assert.rejects(load(source), hasCode('invalid-argument'));

  const { model } = await loadFake();
  const generates = [
    { temperature: Number.NaN },
    { topP: 1.5 },
    { seed: -1 },
    { seed: 0.5 },
    { maxTokens: '3' },
  ];
  for (const options of generates) {
    const answer = model.generate('a', options);
    await assert.rejects(answer.result, hasCode('invalid-argument'));
    await assert.rejects(async () => {
      for await (const _ of answer);
    }, hasCode('invalid-argument'));
  }
  for (const ids of [[1.5], [-1], ['a'], [2 ** 32], 7]) {
    await assert.rejects(model.logits(ids), hasCode('invalid-argument'));
  }
  model.dispose();
});

test('a generation streams its pieces, to several readers, and has a result', async () => {
  const { model } = await loadFake();
  const answer = model.generate('one two three');
  const read = async () => {
    const pieces = [];
    for await (const piece of answer) pieces.push(piece);
    return pieces;
  };
  assert.deepEqual(await Promise.all([read(), read()]), Array(2).fill(['one', ' two', ' three']));
  assert.deepEqual(await read(), ['one', ' two', ' three'], 'read after the end');
  const { text, ids, stopReason } = await answer.result;
  assert.deepEqual({ text, ids, stopReason }, { text: 'one two three', ids: [0, 1, 2], stopReason: 'eog' });
  model.dispose();
});

test('the other calls are answered, each with its own', async () => {
  const { model } = await loadFake();
  const [logits, ids, text, bench] = await Promise.all([
    model.logits([1, 2]),
    model.tokenize('ab'),
    model.detokenize([104, 105]),
    model.bench({ promptTokens: 4, decodeTokens: 5, repeats: 6 }),
  ]);
  assert.deepEqual(logits, Float32Array.of(1, 2));
  assert.deepEqual(ids, [97, 98]);
  assert.equal(text, 'hi');
  assert.deepEqual(bench, { prefillTokS: 4, decodeTokS: 5, logitsHash: '6' });
  model.dispose();
});

test('the tokenizer', async () => {
  const { model } = await loadFake();
  const { tokenizer } = model;
  assert.deepEqual(await tokenizer.encode('ab'), [97, 98]);
  assert.equal(await tokenizer.decode([104, 105]), 'hi');
  assert.deepEqual(await tokenizer.encodeWithOffsets('ab'), [
    { id: 97, start: 0, end: 1 },
    { id: 98, start: 1, end: 2 },
  ]);
  assert.equal(await tokenizer.count('abc'), 4, 'special tokens are added, but not read');
  assert.equal(await tokenizer.count('abc', { addSpecial: false, parseSpecial: true }), 4);
  assert.equal(await tokenizer.count('abc', { addSpecial: false }), 3);
  assert.equal(await tokenizer.tokenText(2), '<2>');
  const types = await Promise.all([0, 1, 2, 3].map((id) => tokenizer.tokenType(id)));
  assert.deepEqual(types, ['normal', 'control', 'user-defined', 'undefined']);
  assert.deepEqual(await tokenizer.specialIds(), { bos: 1, eog: [2, 3] });
  await assert.rejects(tokenizer.tokenText(4), { code: 'invalid-argument' });
  await assert.rejects(tokenizer.tokenType(-1), { code: 'invalid-argument' });
  model.dispose();
});

test('an aborted generation ends with what it has', async () => {
  const { model } = await loadFake(bytes, { engine: fakeEngine({ stepMs: 20 }) });
  const stop = new AbortController();
  const answer = model.generate('a b c d e f g h', { signal: stop.signal });
  for await (const piece of answer) if (piece === ' c') stop.abort();
  const { text, stopReason } = await answer.result;
  assert.equal(stopReason, 'aborted');
  assert.match(text, /^a b c/);

  const waiting = model.generate('a b c d e f g h', { signal: AbortSignal.timeout(30) });
  const queued = model.generate('x y', { signal: AbortSignal.timeout(1) });
  assert.equal((await waiting.result).stopReason, 'aborted');
  assert.deepEqual((await queued.result).ids, []);
  assert.equal((await model.generate('x', { signal: AbortSignal.abort() }).result).stopReason, 'aborted');
  assert.equal((await model.generate('x y').result).text, 'x y', 'the model goes on');
  model.dispose();
});

test('leaving the loop stops the generation', async () => {
  const { model } = await loadFake(bytes, { engine: fakeEngine({ stepMs: 10 }) });
  const answer = model.generate('a b c d e f g h i j k l m n o p');
  for await (const _ of answer) break;
  assert.equal((await answer.result).stopReason, 'aborted');
  model.dispose();
});

test('stopping settles within a second, whatever the engine does', async () => {
  const never = () => new Promise(() => undefined);
  for (const engine of [fakeEngine({ open: never }), fakeEngine({ finish: never })]) {
    const loading = loadFake(bytes, { engine, signal: AbortSignal.timeout(20) });
    await rejectsSoon(loading, 'aborted');
    await assert.rejects(loading, { name: 'AbortError' });
  }
  await rejectsSoon(loadFake(url('?slow=500'), { signal: AbortSignal.timeout(20) }), 'aborted');
  await rejectsSoon(load(bytes, { signal: AbortSignal.abort() }), 'aborted');

  const { model } = await loadFake(bytes, { engine: fakeEngine({ isDeaf: true }) });
  const startedAt = performance.now();
  const { stopReason } = await model.generate('a b', { signal: AbortSignal.timeout(20) }).result;
  assert.equal(stopReason, 'aborted');
  assert.ok(performance.now() - startedAt < 1000);
  await rejectsSoon(model.logits([1], { signal: AbortSignal.timeout(20) }), 'aborted');
  model.dispose();
});

test('what the engine refuses keeps its code; anything else is internal', async () => {
  const refuse = (thrown) => ({
    finish: () => {
      throw thrown;
    },
  });
  const known = { code: 'unsupported-model', message: 'architecture `x`' };
  await assert.rejects(loadFake(bytes, { engine: fakeEngine(refuse(known)) }), known);
  const unknown = fakeEngine(refuse({ code: 'teapot', message: 'short and stout' }));
  await assert.rejects(loadFake(bytes, { engine: unknown }), hasCode('internal'));
  await assert.rejects(loadFake(bytes, { engine: fakeEngine(refuse('?')) }), hasCode('internal'));
});

test('a panic rejects all that is open, and the next load works', async () => {
  const engine = fakeEngine({ isDeaf: true });
  const { model, seen, worker } = await loadFake(bytes, { engine });
  const open = [model.generate('a').result, model.logits([1]), model.tokenize('a')];
  await sleep(5);
  seen.panic('asked to panic');
  for (const promise of open) await rejectsSoon(promise, 'internal');
  await assert.rejects(open[0], /asked to panic/);
  assert.ok(worker.isTerminated);
  await rejectsSoon(model.logits([1]), 'internal');

  const loading = fakeEngine({ finish: () => new Promise(() => loading.seen.panic('while loading')) });
  await rejectsSoon(loadFake(bytes, { engine: loading }), 'internal');

  const next = await loadFake();
  assert.equal((await next.model.generate('a b').result).text, 'a b');
  next.model.dispose();
});

test('a lost worker rejects all that is open', async () => {
  const { model, worker } = await loadFake(bytes, { engine: fakeEngine({ isDeaf: true }) });
  const open = model.generate('a').result;
  worker.dispatchEvent(new Event('error'));
  await rejectsSoon(open, 'internal');
  await rejectsSoon(model.generate('a').result, 'internal');
});

test('dispose ends the worker and what is open', async () => {
  const { model, worker } = await loadFake(bytes, { engine: fakeEngine({ isDeaf: true }) });
  const open = model.generate('a').result;
  model.dispose();
  model.dispose();
  assert.ok(worker.isTerminated);
  await rejectsSoon(open, 'aborted');
  await rejectsSoon(model.logits([1]), 'aborted');
});

test('without WebGPU the error says so', async () => {
  const { gpu } = globalThis.navigator;
  globalThis.navigator.gpu = undefined;
  try {
    await assert.rejects(loadFake(), hasCode('webgpu-unavailable'));
  } finally {
    globalThis.navigator.gpu = gpu;
  }
});

test('the package may be imported where there is no browser', () => {
  const script = `import { load } from './dist/index.js';
    await load('http://x/y').then(() => process.exit(1), (error) => console.log(error.code));`;
  const args = ['--input-type=module', '--eval', script];
  const out = execFileSync(process.execPath, args, { cwd: new URL('..', import.meta.url), encoding: 'utf8' });
  assert.equal(out.trim(), 'webgpu-unavailable');
});
