// Instruments of the worker, set up before the package's own worker script runs: what the engine asks of the GPU,
// how long the event loop is held up, how large the wasm memory has become.

const counts = { createBuffer: 0, createBindGroup: 0, createComputePipeline: 0, submit: 0 };
const written = { bytes: 0, done: 0, inFlightMax: 0 };
let gapMax = 0;
let instance;
let device;

function wrap(prototype, name, before) {
  const original = prototype[name];
  prototype[name] = function (...args) {
    before.apply(this, args);
    return original.apply(this, args);
  };
}

for (const name of ['instantiate', 'instantiateStreaming']) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (...args) => {
    const result = await original.apply(WebAssembly, args);
    instance = result.instance ?? result;
    return result;
  };
}

// `?refuse=TEXT`: a driver that compiles no shader with this text.
const refused = new URLSearchParams(location.search).get('refuse');
const codes = new WeakMap();
let refusals = 0;

if (globalThis.GPUDevice) {
  if (refused !== null) {
    const { createShaderModule, createComputePipelineAsync } = GPUDevice.prototype;
    GPUDevice.prototype.createShaderModule = function (descriptor) {
      const module = createShaderModule.call(this, descriptor);
      codes.set(module, descriptor.code);
      return module;
    };
    GPUDevice.prototype.createComputePipelineAsync = function (descriptor) {
      if (!codes.get(descriptor.compute.module).includes(refused))
        return createComputePipelineAsync.call(this, descriptor);
      refusals++;
      return Promise.reject(new GPUPipelineError('refused by the test', { reason: 'internal' }));
    };
  }
  wrap(GPUDevice.prototype, 'createBuffer', () => counts.createBuffer++);
  wrap(GPUDevice.prototype, 'createBindGroup', () => counts.createBindGroup++);
  wrap(GPUDevice.prototype, 'createComputePipeline', () => counts.createComputePipeline++);
  wrap(GPUDevice.prototype, 'createComputePipelineAsync', () => counts.createComputePipeline++);
  // Bytes are in flight until a wait has ended that began behind the submit that came behind them. What waits is
  // the map of a buffer into which that submit copied.
  const targets = new WeakMap();
  const marks = new WeakMap();
  wrap(GPUCommandEncoder.prototype, 'copyBufferToBuffer', function (_from, second, third) {
    const into = second instanceof GPUBuffer ? second : third;
    targets.set(this, [...(targets.get(this) ?? []), into]);
  });
  const { finish } = GPUCommandEncoder.prototype;
  GPUCommandEncoder.prototype.finish = function (...args) {
    const commands = finish.apply(this, args);
    targets.set(commands, targets.get(this) ?? []);
    return commands;
  };
  wrap(GPUQueue.prototype, 'submit', (commands) => {
    // Empty submits are the wait pump's.
    if (commands.length > 0) counts.submit++;
    for (const buffer of commands.flatMap((one) => targets.get(one) ?? [])) marks.set(buffer, written.bytes);
  });
  wrap(GPUQueue.prototype, 'writeBuffer', (_buffer, _offset, data, _from, size) => {
    written.bytes += size ?? data.byteLength;
    written.inFlightMax = Math.max(written.inFlightMax, written.bytes - written.done);
  });
  const { mapAsync } = GPUBuffer.prototype;
  GPUBuffer.prototype.mapAsync = async function (...args) {
    const mark = marks.get(this) ?? 0;
    await mapAsync.apply(this, args);
    written.done = Math.max(written.done, mark);
  };
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...args) {
    device = await requestDevice.apply(this, args);
    return device;
  };
}

// A message to itself comes back as soon as the event loop is free.
const { port1, port2 } = new MessageChannel();
let last = performance.now();
port1.onmessage = () => {
  const now = performance.now();
  gapMax = Math.max(gapMax, now - last);
  last = now;
  setTimeout(() => port2.postMessage(0), 5);
};
port2.postMessage(0);

addEventListener('message', (event) => {
  const { kind, ask } = event.data;
  if (kind !== 'probe') return;
  event.stopImmediatePropagation();
  if (ask === 'panic') instance.exports.panic_now();
  else if (ask === 'destroy') {
    device.destroy();
    answer({});
  } else if (ask === 'readbacks') void readbacks(event.data.count).then((ms) => answer({ ms }));
  else {
    answer({ counts: { ...counts }, written: { ...written }, gapMax, refusals, wasmBytes: memoryBytes() });
    gapMax = 0;
  }
});

function answer(value) {
  postMessage({ kind: 'probe', value });
}

function memoryBytes() {
  return instance === undefined ? 0 : instance.exports.memory.buffer.byteLength;
}

/** Milliseconds of each of `count` round trips: two dispatches, a copy, and the map of its result. */
async function readbacks(count) {
  const code = `@group(0) @binding(0) var<storage, read_write> x: array<u32>;
    @compute @workgroup_size(1) fn main() { x[0] += 1u; }`;
  const compute = { module: device.createShaderModule({ code }), entryPoint: 'main' };
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute });
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const x = device.createBuffer({ size: 4, usage: STORAGE | COPY_SRC });
  const out = device.createBuffer({ size: 4, usage: COPY_DST | MAP_READ });
  const entries = [{ binding: 0, resource: { buffer: x } }];
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const ms = [];
  for (let i = 0; i < count; i++) {
    const startedAt = performance.now();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    pass.dispatchWorkgroups(1);
    pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(x, 0, out, 0, 4);
    device.queue.submit([encoder.finish()]);
    await out.mapAsync(GPUMapMode.READ);
    const value = new Uint32Array(out.getMappedRange())[0];
    out.unmap();
    ms.push(performance.now() - startedAt);
    if (value !== 2 * (i + 1)) throw new Error(`read ${value} after ${i + 1} rounds`);
  }
  return ms;
}
