// What the page refuses by itself, and that whatever is thrown is the package's error. Part of the unit tests.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GgwebError, load } from '../pkg/src/index.js';
import { fakeEngine, fakeWorker, sleep } from './fake-engine.mjs';
import { bytes, hasCode, loadFake, rejectsSoon } from './load-fake.mjs';

/** An invalid-argument whose message begins with the option's name, as the page spells it. */
const names = (name) => (error) =>
  hasCode('invalid-argument')(error) && error.message.startsWith(`${name}: `);

test('numbers outside the sampler’s ranges are refused, as the engine will see them', async () => {
  const { model, seen } = await loadFake();
  const refused = {
    temperature: [Number.NaN, Number.POSITIVE_INFINITY, 1e39, -1e39, '1'],
    topP: [0, 1e-60, -0.1, 1.5, Number.NaN, true],
    minP: [-0.1, 1.5, Number.NaN],
    repeatPenalty: [0, 1e-60, -2, 1e39, Number.NaN],
    topK: [-1, 0.5],
    repeatLastN: [-1, 2 ** 32],
  };
  for (const [name, values] of Object.entries(refused)) {
    for (const value of values) {
      await assert.rejects(model.generate('a', { [name]: value }).result, names(name), `${name}: ${value}`);
    }
  }
  const taken = { temperature: [-1, 0, 3e38], topP: [1e-30, 1], minP: [0, 1], repeatPenalty: [1e-30, 3e38] };
  for (const [name, values] of Object.entries(taken)) {
    for (const value of values) await model.generate('a', { [name]: value }).result;
  }
  assert.equal(seen.generated.length, 9);
  model.dispose();
});

test('values of a wrong type are refused, not ignored', async () => {
  const loads = {
    adapter: 7,
    worker: 'worker.js',
    onProgress: true,
    signal: 'now',
    tier: 1,
    wasmUrl: 7,
    contextLength: '9',
  };
  for (const [name, value] of Object.entries(loads)) {
    await assert.rejects(loadFake(bytes, { [name]: value }), names(name), name);
  }
  const { model } = await loadFake();
  const generates = { ignoreEos: 'yes', signal: {}, maxTokens: '3', seed: '1' };
  for (const [name, value] of Object.entries(generates)) {
    await assert.rejects(model.generate('a', { [name]: value }).result, names(name), name);
  }
  await assert.rejects(model.logits([1], { all: 1 }), names('all'));
  await assert.rejects(model.logits([1], { signal: 1 }), names('signal'));
  await assert.rejects(model.bench({ signal: 1 }), names('signal'));
  await assert.rejects(model.tokenize(7), names('text'));
  await assert.rejects(model.tokenize('a', { addSpecial: 1 }), names('addSpecial'));
  await assert.rejects(model.tokenize('a', { parseSpecial: null }), names('parseSpecial'));
  model.dispose();
});

test('a list of ids of any length is refused before it takes memory', async () => {
  const { model } = await loadFake();
  for (const length of [1.5, -1, Number.NaN, 1e12, 2 ** 32, '2']) {
    for (const call of [model.logits({ length }), model.generate({ length }).result]) {
      await assert.rejects(call, hasCode('invalid-argument'), `length ${length}`);
    }
  }
  model.dispose();
});

test('whatever goes wrong at the start of a load is the package’s error', async () => {
  const locked = new Blob([bytes]).stream();
  locked.getReader();
  await assert.rejects(loadFake(locked), names('source'));
  await assert.rejects(loadFake(Object.create(null)), names('source'));
  const refuse = (what) => () => {
    throw new DOMException(what, 'SecurityError');
  };
  for (const options of [
    { worker: refuse('no worker') },
    { worker: () => 7 },
    { onProgress: refuse('no') },
  ]) {
    await assert.rejects(
      load(bytes, options),
      (error) => error instanceof GgwebError && error.code === 'internal',
    );
  }
});

test('an abort is heard while the load is being started', async () => {
  for (const when of ['onProgress', 'worker']) {
    const stop = new AbortController();
    const worker = fakeWorker(fakeEngine({ open: () => new Promise(() => undefined) }).start);
    const options = { worker: () => worker, onProgress: () => undefined, signal: stop.signal };
    const original = options[when];
    options[when] = () => {
      stop.abort();
      return original();
    };
    await rejectsSoon(load(bytes, options), 'aborted');
    assert.ok(worker.isTerminated, when);
  }
});

test('a result no longer changes once it is handed out', async () => {
  let emit;
  const overrides = {
    generate: (_prompt, _options, onPiece) => {
      emit = onPiece;
      onPiece('a', 1);
      return new Promise(() => undefined);
    },
  };
  const { model } = await loadFake(bytes, { engine: fakeEngine({ overrides }) });
  const answer = model.generate('x', { signal: AbortSignal.timeout(20) });
  const result = await answer.result;
  assert.deepEqual({ ids: result.ids, text: result.text }, { ids: [1], text: 'a' });
  emit('b', 2);
  await sleep(20);
  assert.deepEqual(result.ids, [1]);
  assert.equal(answer.tokenCount, 1);
  const pieces = [];
  for await (const piece of answer) pieces.push(piece);
  assert.deepEqual(pieces, ['a']);
  model.dispose();
});

test('tokens are counted, not pieces', async () => {
  const counts = [];
  const overrides = {
    generate: async (_prompt, _options, onPiece) => {
      for (const [text, token] of [
        ['a', 1],
        ['', 2],
        ['é', 3],
        ['', 4],
        ['\ufffd', undefined],
      ]) {
        onPiece(text, token);
        await sleep(5);
        counts.push(answer.tokenCount);
      }
      await new Promise(() => undefined);
    },
  };
  const { model } = await loadFake(bytes, { engine: fakeEngine({ overrides }) });
  const answer = model.generate('x', { signal: AbortSignal.timeout(60) });
  const { ids, text } = await answer.result;
  assert.deepEqual({ ids, text }, { ids: [1, 2, 3, 4], text: 'aé\ufffd' });
  assert.deepEqual(counts, [1, 2, 3, 4, 4]);
  model.dispose();
});
