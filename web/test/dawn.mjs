// The package under Node: `load` with a worker that has Dawn's WebGPU.

import { Worker } from 'node:worker_threads';
import { create } from 'webgpu';
import { GgwebError, load as loadInBrowser } from '../dist/index.js';

export { GgwebError };

/** As the package's `load`, on Dawn. */
export function load(source, options = {}) {
  return loadInBrowser(source, { worker: () => dawnWorker(), ...options });
}

/** A thread with Dawn that looks like a browser's worker; `flags` are Dawn's. */
export function dawnWorker(flags = []) {
  const entry = new URL('../dist/worker.js', import.meta.url).href;
  const thread = new Worker(new URL('./dawn-thread.mjs', import.meta.url), { workerData: { entry, flags } });
  return {
    postMessage: (message, transfer) => thread.postMessage(message, transfer),
    addEventListener(type, listener) {
      if (type === 'message') thread.on('message', (data) => listener({ data }));
      else thread.on(type, (error) => listener({ message: error?.message ?? '' }));
    },
    terminate: () => thread.postMessage({ kind: 'exit' }),
    /** Every shader text that was compiled so far. */
    shaders: () =>
      new Promise((resolve) => {
        const listener = ({ kind, texts }) => {
          if (kind !== 'shaders') return;
          thread.off('message', listener);
          resolve(texts);
        };
        thread.on('message', listener);
        thread.postMessage({ kind: 'shaders' });
      }),
  };
}

/** What Dawn must not lose to the garbage collector while its devices live. */
const kept = [];

/** A device that compiles and computes nothing, with every feature that a shader can ask for and the floor of limits. */
export async function nullDevice() {
  const gpu = create(['backend=null']);
  const adapter = await gpu.requestAdapter();
  const device = await adapter.requestDevice({ requiredFeatures: ['shader-f16', 'subgroups'] });
  kept.push(gpu, adapter, device);
  return device;
}
