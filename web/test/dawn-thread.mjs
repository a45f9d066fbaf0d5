// The package's worker in a thread of Node, with Dawn's WebGPU in place of a browser's.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { create, globals } from 'webgpu';

/** Dawn asks for its events with this, over and over: at once, a core would do nothing else. */
const POLL_MS = 1;
globalThis.setImmediate = (callback, ...args) => setTimeout(callback, POLL_MS, ...args);

Object.assign(globalThis, globals);
const gpu = create(workerData.flags);
// wgpu reads this as a `Set`, as browsers have it.
const wgslLanguageFeatures = new Set(gpu.wgslLanguageFeatures);
const gpuObject = {
  wgslLanguageFeatures,
  requestAdapter: (options) => gpu.requestAdapter(options),
  getPreferredCanvasFormat: () => gpu.getPreferredCanvasFormat(),
};
Object.defineProperty(globalThis, 'navigator', { value: { gpu: gpuObject }, configurable: true });
// wgpu looks for a worker's scope, and for its navigator there.
globalThis.WorkerGlobalScope ??= function WorkerGlobalScope() {};
Object.defineProperty(globalThis.WorkerGlobalScope, Symbol.hasInstance, {
  value: (value) => value === globalThis,
});
globalThis.self = globalThis;
globalThis.postMessage = (message, transfer) => parentPort.postMessage(message, transfer);
globalThis.addEventListener = (type, listener) => parentPort.on(type, (data) => listener({ data }));

const fetchOverHttp = globalThis.fetch;
globalThis.fetch = async (url, options) => {
  if (!String(url).startsWith('file:')) return fetchOverHttp(url, options);
  const headers = { 'Content-Type': 'application/wasm' };
  return new Response(await readFile(fileURLToPath(url)), { headers });
};

/** Every shader text that was compiled. */
const shaders = new Set();
const { createShaderModule, createComputePipelineAsync } = GPUDevice.prototype;
GPUDevice.prototype.createShaderModule = function (descriptor) {
  shaders.add(descriptor.code);
  return createShaderModule.call(this, descriptor);
};

/** Dawn ends the process if its thread goes while one of these is open. */
const pending = new Set();
GPUDevice.prototype.createComputePipelineAsync = function (descriptor) {
  const pipeline = createComputePipelineAsync.call(this, descriptor);
  pending.add(pipeline);
  const done = () => pending.delete(pipeline);
  pipeline.then(done, done);
  return pipeline;
};

await import(workerData.entry);

// Only now: messages begin to flow to the first listener, which must be the package's.
parentPort.on('message', async ({ kind }) => {
  if (kind === 'shaders') parentPort.postMessage({ kind, texts: [...shaders] });
  if (kind !== 'exit') return;
  while (pending.size > 0) await Promise.allSettled(pending);
  process.exit();
});
