// The JavaScript half of `web.rs`: what wgpu cannot ask of a browser.

let extra = [];
let wrapped = false;

/** Adds features that wgpu has no name for to every device request; names an adapter lacks are left out. */
export function beforeOpen(features) {
    extra = [...features];
    if (wrapped) return;
    wrapped = true;
    const prototype = GPUAdapter.prototype;
    const request = prototype.requestDevice;
    prototype.requestDevice = function (descriptor = {}) {
        const names = extra.filter((name) => this.features.has(name));
        return request.call(this, {
            ...descriptor,
            requiredFeatures: [...(descriptor.requiredFeatures ?? []), ...names],
        });
    };
    wrapWaits();
}

/** Routes errors to Rust and makes pipeline creation asynchronous on this device. */
export function afterOpen(device, onError) {
    device.onuncapturederror = (event) => {
        event.preventDefault();
        onError(event.error.message);
    };
    const state = { started: null, ready: null };
    states.set(device, state);
    pumpQueue = device.queue;
    device.createComputePipeline = (descriptor) => {
        if (state.ready) {
            const pipeline = state.ready;
            state.ready = null;
            return pipeline;
        }
        state.started = device.createComputePipelineAsync(descriptor);
        // Awaited later; until then a refusal is not an unhandled rejection.
        state.started.catch(() => {});
        return {};
    };
}
const states = new WeakMap();

/** The pipeline promise that the last `createComputePipeline` began. */
export function takeStarted(device) {
    const state = states.get(device);
    const { started } = state;
    state.started = null;
    return started;
}

/** The next `createComputePipeline` returns this pipeline. */
export function handIn(device, pipeline) {
    states.get(device).ready = pipeline;
}

export function hasFeature(device, name) {
    return device.features.has(name);
}

/** What the browser tells of the adapter. Firefox gives no names, but says what is not a GPU. */
export function adapterName(device) {
    const info = device.adapterInfo ?? {};
    const { vendor, architecture, device: model, description } = info;
    const name = description || [vendor, architecture, model].filter(Boolean).join(' ');
    return info.isFallbackAdapter ? `${name || 'unnamed adapter'}, software` : name;
}

export function writeBuffer(queue, buffer, offset, bytes, begin, size) {
    queue.writeBuffer(buffer, offset, bytes, begin, size);
}

export function nowMs() {
    return performance.now();
}

/**
 * Settles when what waits for the event loop has had its turn. One hop is enough for messages; a timer that is due
 * queues up only when the loop comes round, and what it posts behind that.
 */
export function turn() {
    return new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        let hops = 3;
        port1.onmessage = () => {
            if (--hops > 0) return port2.postMessage(0);
            port1.close();
            resolve();
        };
        port2.postMessage(0);
    });
}

// Firefox settles waits on a 100 ms timer unless something is submitted. While any wait is open, one shared pump
// submits nothing about every millisecond; the message hop avoids the 4 ms clamp of nested timers.
let pumpQueue = null;
let waits = 0;
let pumping = false;
let channel = null;

function arm() {
    setTimeout(() => channel.port2.postMessage(0), 1);
}

function pump(promise) {
    const end = () => {
        waits--;
    };
    promise.then(end, end);
    waits++;
    if (!channel) {
        channel = new MessageChannel();
        channel.port1.onmessage = () => {
            if (waits > 0 && pumpQueue) {
                pumpQueue.submit([]);
                arm();
            } else {
                pumping = false;
                channel.port1.unref?.();
            }
        };
    }
    if (!pumping) {
        pumping = true;
        channel.port1.ref?.();
        arm();
    }
    return promise;
}

function wrapWaits() {
    const { mapAsync } = GPUBuffer.prototype;
    GPUBuffer.prototype.mapAsync = function (...args) {
        return pump(mapAsync.apply(this, args));
    };
    const { onSubmittedWorkDone } = GPUQueue.prototype;
    GPUQueue.prototype.onSubmittedWorkDone = function () {
        return pump(onSubmittedWorkDone.call(this));
    };
}
