import type { Connection } from './connection.js';
import { abortError, GgwebError } from './errors.js';
import { generate } from './generate.js';
import type { Answers } from './messages.js';
import { abortSignal, tokenIds, typed, whole } from './options.js';
import { createTokenizer } from './tokenizer.js';
import type { Model, ModelInfo } from './types.js';

/** The model behind a connection whose `load` has been answered. */
export function createModel(connection: Connection, info: ModelInfo): Model {
  const tokenizer = createTokenizer(connection);
  return {
    info,
    generate: (prompt, options = {}) => generate(connection, prompt, options),
    async logits(ids, options = {}) {
      const all = typed('all', options.all, 'boolean') ?? false;
      const signal = abortSignal(options.signal);
      const body = { kind: 'logits' as const, all, ids: tokenIds('ids', ids) };
      return stoppable(connection, 'logits', connection.request(body), signal);
    },
    tokenizer,
    tokenize: tokenizer.encode,
    detokenize: tokenizer.decode,
    async bench(options = {}) {
      const body = {
        kind: 'bench' as const,
        p: whole('promptTokens', options.promptTokens, 0) ?? 128,
        n: whole('decodeTokens', options.decodeTokens, 0) ?? 32,
        r: whole('repeats', options.repeats, 1) ?? 5,
      };
      const signal = abortSignal(options.signal);
      return stoppable(connection, 'bench', connection.request(body), signal);
    },
    dispose: () => connection.close(new GgwebError('aborted', 'the model was disposed of')),
  };
}

/** Rejects at once when `signal` is aborted; the worker stops at its next step, behind it. */
async function stoppable<K extends keyof Answers>(
  connection: Connection,
  what: K,
  { id, answer }: { readonly id: number; readonly answer: Promise<Answers[K]> },
  signal: AbortSignal | undefined,
): Promise<Answers[K]> {
  if (signal === undefined) return answer;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      connection.notify({ kind: 'abort', id });
      reject(abortError(what));
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
