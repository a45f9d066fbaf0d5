// The package under Node: `load` with a worker that has Dawn's WebGPU.

import { Worker } from 'node:worker_threads';
import { GgwebError, load as loadInBrowser } from '../dist/index.js';

export { GgwebError };

/** As the package's `load`, on Dawn. */
export function load(source, options = {}) {
  return loadInBrowser(source, { worker: dawnWorker, ...options });
}

/** A thread with Dawn that looks like a browser's worker. */
export function dawnWorker() {
  const entry = new URL('../dist/worker.js', import.meta.url).href;
  const thread = new Worker(new URL('./dawn-thread.mjs', import.meta.url), { workerData: { entry } });
  return {
    postMessage: (message, transfer) => thread.postMessage(message, transfer),
    addEventListener(type, listener) {
      if (type === 'message') thread.on('message', (data) => listener({ data }));
      else thread.on(type, (error) => listener({ message: error?.message ?? '' }));
    },
    terminate: () => void thread.terminate(),
  };
}
