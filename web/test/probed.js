// In the page: `load` with a worker that can be asked for what `probe.js` measures.

import { load } from '../dist/index.js';

/**
 * As the package's `load`; `ask` gives the worker's measurements, also while the load runs. In the worker no shader
 * with the text `refuse` compiles.
 */
export function probedLoad(source, options = {}, { refuse } = {}) {
  const url = new URL('./probe-worker.js', import.meta.url);
  if (refuse !== undefined) url.searchParams.set('refuse', refuse);
  const worker = new Worker(url, { type: 'module' });
  const ask = (what, more = {}) =>
    new Promise((resolve) => {
      const listener = ({ data }) => {
        if (data.kind !== 'probe') return;
        worker.removeEventListener('message', listener);
        resolve(data.value);
      };
      worker.addEventListener('message', listener);
      worker.postMessage({ kind: 'probe', ask: what, ...more });
    });
  return { model: load(source, { ...options, worker: () => worker }), ask };
}
