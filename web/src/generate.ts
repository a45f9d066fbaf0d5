import type { Connection, RequestEvent } from './connection.js';
import { type GgwebError, toGgwebError } from './errors.js';
import { engineGenerateOptions, tokenIds } from './options.js';
import { createPieces } from './pieces.js';
import type { GenerateOptions, GenerateResult, Generation } from './types.js';

/** How long an aborted generation waits for the engine's own account before it gives what the page has. */
const ABORT_GRACE_MS = 300;

/** Starts a generation; it runs whether or not anyone listens. Leaving the loop early stops it. */
export function generate(
  connection: Connection,
  prompt: string | ArrayLike<number>,
  options: GenerateOptions,
): Generation {
  const pieces = createPieces();
  const stop = new AbortController();
  const result = run(connection, prompt, options, stop, pieces.push);
  result.then(
    () => pieces.end(undefined),
    (error: unknown) => pieces.end(error),
  );
  return {
    result,
    [Symbol.asyncIterator]: () => pieces.iterate(() => stop.abort()),
  };
}

async function run(
  connection: Connection,
  prompt: string | ArrayLike<number>,
  options: GenerateOptions,
  stop: AbortController,
  onPiece: (text: string) => void,
): Promise<GenerateResult> {
  const body = {
    kind: 'generate' as const,
    prompt: typeof prompt === 'string' ? prompt : tokenIds('prompt', prompt),
    options: engineGenerateOptions(options),
  };
  const account = createAccount(body.prompt);
  if (options.signal?.aborted) return account.aborted();

  const { id, answer } = connection.request(body, (event: RequestEvent) => {
    if (event.kind !== 'piece') return;
    account.add(event.text, event.token);
    if (event.text !== '') onPiece(event.text);
  });
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      connection.notify({ kind: 'abort', id });
      setTimeout(() => resolve(account.aborted()), ABORT_GRACE_MS);
    };
    options.signal?.addEventListener('abort', onAbort, { once: true });
    stop.signal.addEventListener('abort', onAbort, { once: true });
    answer
      .then(resolve, (error: GgwebError) => {
        const isStopped = error.code === 'aborted' && (options.signal?.aborted || stop.signal.aborted);
        if (isStopped) resolve(account.aborted());
        else reject(toGgwebError(error));
      })
      .finally(() => options.signal?.removeEventListener('abort', onAbort));
  });
}

interface Account {
  add(text: string, token: number): void;
  /** What the page itself knows of the generation, as the result of an aborted one. */
  aborted(): GenerateResult;
}

function createAccount(prompt: string | Uint32Array<ArrayBuffer>): Account {
  const startedAt = performance.now();
  const ids: number[] = [];
  let text = '';
  let firstAt: number | undefined;
  return {
    add(piece, token) {
      firstAt ??= performance.now();
      ids.push(token);
      text += piece;
    },
    aborted() {
      const now = performance.now();
      const ttftMs = (firstAt ?? now) - startedAt;
      const decodeMs = now - (firstAt ?? now);
      const decoded = Math.max(ids.length - 1, 0);
      return {
        promptIds: typeof prompt === 'string' ? [] : Array.from(prompt),
        ids,
        text,
        stopReason: 'aborted',
        timings: {
          loadMs: 0,
          ttftMs,
          prefillMs: ttftMs,
          decodeMs,
          prefillTokS: 0,
          decodeTokS: decodeMs > 0 ? (decoded * 1000) / decodeMs : 0,
        },
      };
    },
  };
}
