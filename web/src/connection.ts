// The page's side of the messages: who waits for what, and what happens to them when the worker is gone.

import { GgwebError, toGgwebError } from './errors.js';
import type { AnswerMessage, Answers, FromWorker, Notice, Request } from './messages.js';

/** What a request hears before its answer. */
export type RequestEvent = Extract<FromWorker, { kind: 'progress' | 'pull' | 'piece' }>;

type RequestBody<K extends keyof Answers> = Omit<Extract<Request, { kind: K }>, 'id'>;

interface Waiting {
  readonly to: keyof Answers;
  readonly resolve: (value: Answers[keyof Answers]) => void;
  readonly reject: (error: GgwebError) => void;
  readonly onEvent: (event: RequestEvent) => void;
}

/** A worker and the requests open in it. */
export interface Connection {
  /** Sends a request; the promise settles with its answer, or when the connection ends. */
  request<K extends keyof Answers>(
    body: RequestBody<K> & { readonly kind: K },
    onEvent?: (event: RequestEvent, id: number) => void,
  ): { readonly id: number; readonly answer: Promise<Answers[K]> };
  notify(notice: Notice, transfer?: Transferable[]): void;
  /** Ends the worker; all that is open, and all that is asked later, rejects with `error`. */
  close(error: GgwebError): void;
}

export function connect(worker: Worker): Connection {
  const waiting = new Map<number, Waiting>();
  let ended: GgwebError | undefined;
  let lastId = 0;

  function close(error: GgwebError): void {
    if (ended !== undefined) return;
    ended = error;
    worker.terminate();
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    if (data.kind === 'fatal') close(new GgwebError('internal', `the engine stopped: ${data.message}`));
    else dispatch(waiting, data);
  });
  worker.addEventListener('error', (event) => {
    event.preventDefault?.();
    const reason =
      event.message ||
      'it could not be started; serve worker.js beside index.js, or make it in the option `worker`';
    close(new GgwebError('internal', `the worker was lost: ${reason}`));
  });
  worker.addEventListener('messageerror', () => {
    close(new GgwebError('internal', 'a message from the worker could not be read'));
  });

  return {
    request(body, onEvent) {
      const id = ++lastId;
      const answer = new Promise<Answers[typeof body.kind]>((resolve, reject) => {
        if (ended !== undefined) {
          reject(ended);
          return;
        }
        waiting.set(id, {
          to: body.kind,
          // `dispatch` compares the kinds, so the value is the one that this request waits for.
          resolve: resolve as Waiting['resolve'],
          reject,
          onEvent: (event) => onEvent?.(event, id),
        });
        try {
          worker.postMessage({ ...body, id });
        } catch (error) {
          waiting.delete(id);
          reject(toGgwebError(error));
        }
      });
      return { id, answer };
    },
    notify(notice, transfer = []) {
      if (ended === undefined) worker.postMessage(notice, transfer);
    },
    close,
  };
}

type ForOne = Exclude<FromWorker, { kind: 'fatal' }>;

/** Hands a message to the request it belongs to; those of requests already settled are dropped. */
function dispatch(waiting: Map<number, Waiting>, message: ForOne): void {
  const request = waiting.get(message.id);
  if (request === undefined) return;
  switch (message.kind) {
    case 'answer':
      waiting.delete(message.id);
      settle(request, message);
      return;
    case 'failed':
      waiting.delete(message.id);
      request.reject(new GgwebError(message.code, message.message));
      return;
    case 'progress':
    case 'pull':
    case 'piece':
      request.onEvent(message);
      return;
    default:
      message satisfies never;
  }
}

function settle(request: Waiting, message: AnswerMessage): void {
  if (message.to === request.to) request.resolve(message.value);
  else request.reject(new GgwebError('internal', `asked for ${request.to}, got ${message.to}`));
}
