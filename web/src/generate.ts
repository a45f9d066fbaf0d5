import type { Connection, RequestEvent } from './connection.js';
import { type GgwebError, toGgwebError } from './errors.js';
import { abortSignal, engineGenerateOptions, tokenIds } from './options.js';
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
  let tokenCount = 0;
  const result = run(connection, prompt, options, stop, (text, tokens) => {
    tokenCount = tokens;
    if (text !== '') pieces.push(text);
  });
  result.then(
    ({ ids }) => {
      tokenCount = ids.length;
      pieces.end(undefined);
    },
    (error: unknown) => pieces.end(error),
  );
  return {
    result,
    get tokenCount() {
      return tokenCount;
    },
    [Symbol.asyncIterator]: () => pieces.iterate(() => stop.abort()),
  };
}

async function run(
  connection: Connection,
  prompt: string | ArrayLike<number>,
  options: GenerateOptions,
  stop: AbortController,
  onPiece: (text: string, tokens: number) => void,
): Promise<GenerateResult> {
  const body = {
    kind: 'generate' as const,
    prompt: typeof prompt === 'string' ? prompt : tokenIds('prompt', prompt),
    options: engineGenerateOptions(options),
  };
  const signal = abortSignal(options.signal);
  const account = createAccount(body.prompt);
  if (signal?.aborted) return account.aborted();

  // What has been handed out no longer changes, even where the engine is late to stop.
  let isSettled = false;
  const { id, answer } = connection.request(body, (event: RequestEvent) => {
    if (event.kind !== 'piece' || isSettled) return;
    account.add(event.text, event.token);
    onPiece(event.text, account.tokenCount());
  });
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      connection.notify({ kind: 'abort', id });
      setTimeout(() => settle(account.aborted()), ABORT_GRACE_MS);
    };
    const settle = (ended: GenerateResult): void => {
      isSettled = true;
      resolve(ended);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    stop.signal.addEventListener('abort', onAbort, { once: true });
    answer
      .then(settle, (error: GgwebError) => {
        const isStopped = error.code === 'aborted' && (signal?.aborted || stop.signal.aborted);
        if (isStopped) settle(account.aborted());
        else reject(toGgwebError(error));
      })
      .finally(() => signal?.removeEventListener('abort', onAbort));
  });
}

interface Account {
  /** A text without a token is the rest of a character that never became whole. */
  add(text: string, token: number | undefined): void;
  tokenCount(): number;
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
      if (token !== undefined) ids.push(token);
      text += piece;
    },
    tokenCount: () => ids.length,
    aborted() {
      const now = performance.now();
      const ttftMs = (firstAt ?? now) - startedAt;
      const decodeMs = now - (firstAt ?? now);
      const decoded = Math.max(ids.length - 1, 0);
      return {
        promptIds: typeof prompt === 'string' ? [] : Array.from(prompt),
        ids: [...ids],
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
