// An engine made by hand, and a worker that runs it in this thread: the package's logic without wasm or GPU.

import { serve } from '../pkg/src/host.js';

/** What the fake model says of itself. */
export const INFO = { architecture: 'fake', adapter: 'none', bytes: {} };

/**
 * An engine that keeps what it is fed.
 *
 * Its model "generates" the words of its prompt, one per `stepMs`; `overrides` replace methods of the model.
 */
export function fakeEngine({ stepMs = 1, isDeaf = false, open, finish, overrides = {} } = {}) {
  const seen = { options: undefined, chunks: [], generated: [], panic: undefined };
  let isAborted = false;
  const model = {
    info: () => INFO,
    gate: () => undefined,
    async generate(prompt, options, onPiece) {
      isAborted = false;
      seen.generated.push({ prompt, options });
      const words = typeof prompt === 'string' ? prompt.match(/\s*\S+/g) : Array.from(prompt, String);
      const ids = [];
      let text = '';
      for (const word of words.slice(0, options.n_predict)) {
        if (isDeaf) await new Promise(() => undefined);
        await sleep(stepMs);
        if (isAborted) break;
        onPiece(word, ids.length);
        ids.push(ids.length);
        text += word;
      }
      return { promptIds: [7], ids, text, stopReason: isAborted ? 'aborted' : 'eog', timings: {} };
    },
    logits: async (ids) => Float32Array.from(ids),
    tokenize: (text) => Uint32Array.from(text, (letter) => letter.codePointAt(0)),
    detokenize: (ids) => String.fromCodePoint(...ids),
    count_tokens: (text, addSpecial, parseSpecial) => text.length + Number(addSpecial) + Number(parseSpecial),
    token_spans: (text) =>
      Uint32Array.from([...text].flatMap((letter, i) => [letter.codePointAt(0), i, i + 1])),
    token: (id) => (id < 4 ? { text: `<${id}>`, attr: [4, 8 | 4, 16, 0][id] } : undefined),
    special_ids: () => ({ bos: 1, eog: [2, 3] }),
    bench: async (p, n, r) => ({ prefillTokS: p, decodeTokS: n, logitsHash: String(r) }),
    abort: () => {
      isAborted = true;
    },
    ...overrides,
  };
  const start = async (_wasmUrl, onPanic) => {
    seen.panic = onPanic;
    return {
      async open(options) {
        await open?.();
        seen.options = options;
        return {
          push: async (bytes) => {
            seen.chunks.push(bytes.slice());
          },
          finish: async () => (await finish?.()) ?? model,
        };
      },
    };
  };
  return { seen, start };
}

/** Bytes that differ everywhere. */
export function someBytes(length) {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 17) & 255);
}

export function joined(chunks) {
  return Buffer.concat(chunks);
}

/** Looks like a `Worker`; both ends copy what they send, as a real one does. */
export function fakeWorker(start) {
  const page = new EventTarget();
  const inside = new EventTarget();
  let isTerminated = false;
  const deliver = (target, message, transfer) => {
    const data = structuredClone(message, { transfer });
    queueMicrotask(() => {
      if (!isTerminated) target.dispatchEvent(Object.assign(new Event('message'), { data }));
    });
  };
  serve(
    {
      postMessage: (message, transfer) => deliver(page, message, transfer),
      addEventListener: (type, listener) => inside.addEventListener(type, listener),
    },
    start,
  );
  return {
    postMessage: (message, transfer = []) => deliver(inside, message, transfer),
    addEventListener: (type, listener) => page.addEventListener(type, listener),
    dispatchEvent: (event) => page.dispatchEvent(event),
    terminate: () => {
      isTerminated = true;
    },
    get isTerminated() {
      return isTerminated;
    },
  };
}

export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
