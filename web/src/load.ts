import { type Connection, connect, type RequestEvent } from './connection.js';
import { abortError, GgwebError, toGgwebError } from './errors.js';
import type { SourceMessage } from './messages.js';
import { createModel } from './model.js';
import { abortSignal, engineOptions, shown, typed } from './options.js';
import { createProgress } from './progress.js';
import { bytesSource, type PageSource, streamSource } from './source/page.js';
import type { LoadOptions, Model, ModelSource } from './types.js';

/**
 * Loads a GGUF model from an address, a file, bytes or a stream, and makes it ready to generate.
 *
 * The engine runs in a worker of its own, which `Model.dispose` ends. The file goes chunk by chunk to the GPU
 * and is never in memory whole. A broken download is taken up again where it broke.
 *
 * Rejects with a `GgwebError`; when `signal` is aborted, with code `aborted` and at once.
 */
export async function load(source: ModelSource, options: LoadOptions = {}): Promise<Model> {
  try {
    return await loadModel(source, options);
  } catch (error) {
    throw toGgwebError(error);
  }
}

async function loadModel(source: ModelSource, options: LoadOptions): Promise<Model> {
  const signal = abortSignal(options.signal);
  if (signal?.aborted) throw abortError('load');
  const engine = engineOptions(options);
  const wasmUrl = options.wasmUrl === undefined ? undefined : absolute(options.wasmUrl);
  const makeWorker = typed('worker', options.worker, 'function') ?? startWorker;
  const onProgress = typed('onProgress', options.onProgress, 'function');
  const { message, page } = sourceMessage(source);
  const progress = createProgress(onProgress);
  let last = { loaded: 0, total: message.from === 'blob' ? message.blob.size : page?.total };
  let connection: Connection | undefined;
  const onAbort = (): void => connection?.close(abortError('load'));
  try {
    progress({ phase: 'start', ...last });
    const opened = connect(makeWorker());
    connection = opened;
    signal?.addEventListener('abort', onAbort, { once: true });
    // `onProgress` or `worker` may have aborted it.
    if (signal?.aborted) onAbort();
    const { answer } = opened.request(
      { kind: 'load', source: message, options: engine, wasmUrl },
      (event: RequestEvent, id: number) => {
        if (event.kind === 'pull' && page !== undefined) void feed(opened, id, page);
        if (event.kind !== 'progress') return;
        last = { loaded: event.loaded, total: event.total };
        progress({ phase: event.phase, ...last });
      },
    );
    const info = await answer;
    progress({ phase: 'ready', loaded: last.loaded, total: last.total ?? last.loaded });
    return createModel(opened, info);
  } catch (error) {
    connection?.close(toGgwebError(error));
    page?.cancel();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

function startWorker(): Worker {
  if (typeof Worker === 'undefined') {
    throw new GgwebError('webgpu-unavailable', 'There are no workers here: load a model in a browser page.');
  }
  const here = import.meta.url;
  // Elsewhere than over http, a bundler wrote this address, and the worker's below with it.
  if (/^https?:/.test(here) && new URL(here).origin !== globalThis.origin) return startForeignWorker(here);
  return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
}

/** Browsers start workers from the page's own origin only; one of these may import the script of another. */
function startForeignWorker(here: string): Worker {
  const script = `import ${JSON.stringify(here.replace(/[^/]*$/, 'worker.js'))};`;
  // The address is never revoked: that could come before the worker has read it, and it is some hundred bytes.
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  return new Worker(url, { type: 'module' });
}

/** Answers one pull of the worker with the next chunk; its memory is transferred, not copied. */
async function feed(connection: Connection, id: number, page: PageSource): Promise<void> {
  try {
    const bytes = await page.next();
    connection.notify({ kind: 'chunk', id, bytes }, bytes === null ? [] : [bytes.buffer]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    connection.notify({ kind: 'chunk-failed', id, message: `the stream failed: ${reason}` });
  }
}

function sourceMessage(source: ModelSource): { message: SourceMessage; page?: PageSource } {
  if (typeof source === 'string' || source instanceof URL) {
    return { message: { from: 'url', url: absolute(source) } };
  }
  if (source instanceof Blob) return { message: { from: 'blob', blob: source } };
  const page = pageSource(source);
  return { message: { from: 'page', total: page.total }, page };
}

function pageSource(source: Exclude<ModelSource, string | URL | Blob>): PageSource {
  if (source instanceof ArrayBuffer) return bytesSource(new Uint8Array(source));
  if (source instanceof Uint8Array) return bytesSource(source);
  if (source instanceof ReadableStream) return streamSource(source);
  throw new GgwebError(
    'invalid-argument',
    `source: expected an address, a File or Blob, bytes or a ReadableStream, found ${shown(source)}`,
  );
}

/** The worker lies elsewhere than the page, so a relative address is resolved here. */
function absolute(url: string | URL): string {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  if (typeof url !== 'string' && !(url instanceof URL)) {
    throw new GgwebError('invalid-argument', `wasmUrl: expected an address, found ${shown(url)}`);
  }
  try {
    return new URL(url, base).href;
  } catch (error) {
    throw new GgwebError('invalid-argument', `${String(url)} is not an address`, { cause: error });
  }
}
