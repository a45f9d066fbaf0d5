// Loading with the engine made by hand, and what its tests ask of errors.

import assert from 'node:assert/strict';
import { GgwebError, load } from '../pkg/src/index.js';
import { fakeEngine, fakeWorker, sleep, someBytes } from './fake-engine.mjs';

// Node has no WebGPU; the page only looks whether it is there.
globalThis.navigator ??= {};
globalThis.navigator.gpu ??= {};

/** A file of several chunks. */
export const bytes = someBytes(5_000_001);

/** Loads with a fake engine; gives the model, what the engine saw and the worker. */
export async function loadFake(source = bytes, { engine = fakeEngine(), ...options } = {}) {
  let worker;
  const model = await load(source, {
    worker: () => {
      worker = fakeWorker(engine.start);
      return worker;
    },
    ...options,
  });
  return { model, seen: engine.seen, worker };
}

export const hasCode = (code) => (error) => error instanceof GgwebError && error.code === code;

/** The promise settles within a second, and rejects with this code. */
export async function rejectsSoon(promise, code) {
  const late = sleep(1000).then(() => assert.fail('nothing settled within a second'));
  await assert.rejects(Promise.race([promise, late]), hasCode(code));
}
