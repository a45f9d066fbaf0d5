// The worker's side: takes requests one after another and drives the engine.

import type { EngineLoader, EngineModel, StartEngine } from './engine.js';
import { abortError, GgwebError, toGgwebError } from './errors.js';
import { knownGates, rememberGate } from './gates.js';
import type { Answers, FromWorker, Notice, Request, SourceMessage, ToWorker } from './messages.js';
import { openBlob } from './source/blob.js';
import { type OpenSource, regroup } from './source/chunks.js';
import { openUrl } from './source/http.js';
import type { GenerateResult } from './types.js';

/** Progress is told at most this often. */
const PROGRESS_EVERY_MS = 50;

/** The worker's own scope, or one end of a channel. */
export interface Port {
  postMessage(message: FromWorker, transfer: Transferable[]): void;
  addEventListener(type: 'message', listener: (event: MessageEvent<ToWorker>) => void): void;
}

interface Host {
  readonly port: Port;
  readonly start: StartEngine;
  /** Ids of requests to be stopped, or never to be started. */
  readonly aborted: Set<number>;
  /** The request that runs now. */
  running: number | undefined;
  model: EngineModel | undefined;
  /** Gives the page's next chunk to whoever pulled it. */
  onChunk: ((notice: Exclude<Notice, { kind: 'abort' }>) => void) | undefined;
}

/** Answers the messages that come in at `port`, for ever. */
export function serve(port: Port, start: StartEngine): void {
  const host: Host = {
    port,
    start,
    aborted: new Set(),
    running: undefined,
    model: undefined,
    onChunk: undefined,
  };
  let last: Promise<void> = Promise.resolve();
  port.addEventListener('message', ({ data }) => {
    switch (data.kind) {
      case 'abort':
        host.aborted.add(data.id);
        if (host.running === data.id) host.model?.abort();
        return;
      case 'chunk':
      case 'chunk-failed':
        host.onChunk?.(data);
        return;
      default:
        last = last.then(() => answer(host, data));
    }
  });
}

/** Runs one request and answers it, whatever happens. */
async function answer(host: Host, request: Request): Promise<void> {
  host.running = request.id;
  try {
    await run(host, request);
  } catch (thrown) {
    const { code, message } = toGgwebError(thrown);
    send(host, { kind: 'failed', id: request.id, code, message });
  } finally {
    host.running = undefined;
    host.aborted.delete(request.id);
  }
}

async function run(host: Host, request: Request): Promise<void> {
  const { id } = request;
  switch (request.kind) {
    case 'load':
      reply(host, 'load', id, await load(host, request));
      return;
    case 'generate':
      reply(host, 'generate', id, await generate(host, request));
      return;
    case 'logits': {
      if (host.aborted.has(id)) throw abortError('logits');
      // wasm's memory is not shared, so neither is what is copied out of it; the generated types do not say so.
      const logits = (await modelOf(host).logits(request.ids, request.all)) as Float32Array<ArrayBuffer>;
      reply(host, 'logits', id, logits, [logits.buffer]);
      return;
    }
    case 'tokenize': {
      const { text, addSpecial, parseSpecial } = request;
      reply(host, 'tokenize', id, modelOf(host).tokenize(text, addSpecial, parseSpecial));
      return;
    }
    case 'detokenize':
      reply(host, 'detokenize', id, modelOf(host).detokenize(request.ids));
      return;
    case 'count-tokens': {
      const { text, addSpecial, parseSpecial } = request;
      reply(host, 'count-tokens', id, modelOf(host).count_tokens(text, addSpecial, parseSpecial));
      return;
    }
    case 'token-spans': {
      const { text, addSpecial, parseSpecial } = request;
      reply(host, 'token-spans', id, modelOf(host).token_spans(text, addSpecial, parseSpecial));
      return;
    }
    case 'token':
      reply(host, 'token', id, modelOf(host).token(request.token));
      return;
    case 'special-ids':
      reply(host, 'special-ids', id, modelOf(host).special_ids());
      return;
    case 'bench':
      if (host.aborted.has(id)) throw abortError('bench');
      reply(host, 'bench', id, await modelOf(host).bench(request.p, request.n, request.r));
      return;
    default:
      request satisfies never;
  }
}

async function load(
  host: Host,
  { id, source, options, wasmUrl }: Extract<Request, { kind: 'load' }>,
): Promise<Answers['load']> {
  requireWebGpu();
  const onPanic = (message: string): void => send(host, { kind: 'fatal', message });
  const [engine, { total, chunks }, known] = await Promise.all([
    host.start(wasmUrl, onPanic),
    openSource(host, id, source),
    // Only `auto`, the engine's default, has to know.
    (options.activations ?? 'auto') === 'auto' ? knownGates() : '',
  ]);
  const size = total === undefined ? {} : { total_bytes: total };
  const loader = await engine.open({ ...options, ...size, known_gates: known });
  const loaded = await pushAll(host, id, loader, total, chunks);
  send(host, { kind: 'progress', id, phase: 'compile', loaded, total });
  const model = await loader.finish();
  host.model = model;
  const gate = model.gate();
  if (gate !== undefined && !known.split('\n').includes(gate)) await rememberGate(gate);
  return model.info();
}

async function pushAll(
  host: Host,
  id: number,
  loader: EngineLoader,
  total: number | undefined,
  chunks: OpenSource['chunks'],
): Promise<number> {
  let loaded = 0;
  let told = 0;
  for await (const chunk of regroup(chunks)) {
    const { length } = chunk;
    await loader.push(chunk);
    loaded += length;
    const now = performance.now();
    if (now - told >= PROGRESS_EVERY_MS) {
      told = now;
      send(host, { kind: 'progress', id, phase: 'download', loaded, total });
    }
  }
  return loaded;
}

function openSource(host: Host, id: number, source: SourceMessage): OpenSource | Promise<OpenSource> {
  switch (source.from) {
    case 'url':
      return openUrl(source.url);
    case 'blob':
      return openBlob(source.blob);
    case 'page':
      return { total: source.total, chunks: pulled(host, id) };
    default:
      return source satisfies never;
  }
}

async function* pulled(host: Host, id: number): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  for (;;) {
    const notice = await new Promise<Exclude<Notice, { kind: 'abort' }>>((resolve) => {
      host.onChunk = resolve;
      send(host, { kind: 'pull', id });
    });
    if (notice.kind === 'chunk-failed') throw new GgwebError('download-failed', notice.message);
    if (notice.bytes === null) return;
    yield notice.bytes;
  }
}

async function generate(
  host: Host,
  { id, prompt, options }: Extract<Request, { kind: 'generate' }>,
): Promise<GenerateResult> {
  const model = modelOf(host);
  if (host.aborted.has(id)) throw abortError('generate');
  return model.generate(prompt, options, (text, token) => send(host, { kind: 'piece', id, text, token }));
}

function modelOf(host: Host): EngineModel {
  if (host.model === undefined) throw new GgwebError('internal', 'the worker has no model');
  return host.model;
}

function requireWebGpu(): void {
  const { navigator } = globalThis as { navigator?: { gpu?: unknown } };
  if (navigator?.gpu === undefined) {
    throw new GgwebError(
      'webgpu-unavailable',
      'This browser offers no WebGPU here. It needs Chrome or Edge 113, Firefox 141 or Safari 26, or later, ' +
        'and a page served over https or from localhost.',
    );
  }
}

function reply<K extends keyof Answers>(
  host: Host,
  to: K,
  id: number,
  value: Answers[K],
  transfer: Transferable[] = [],
): void {
  // TypeScript cannot see that `to` and `value` belong together under a generic K; the signature above does.
  host.port.postMessage({ kind: 'answer', to, id, value } as FromWorker, transfer);
}

function send(host: Host, message: FromWorker): void {
  host.port.postMessage(message, []);
}
