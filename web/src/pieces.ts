/** Pieces of text that come in over time, to be read by any number of loops, each from the start. */
export interface Pieces {
  push(text: string): void;
  /** No more will come; `error` is thrown at the end of every loop, if there is one. */
  end(error: unknown): void;
  iterate(onReturn: () => void): AsyncIterator<string, undefined>;
}

export function createPieces(): Pieces {
  const all: string[] = [];
  let ended = false;
  let failure: unknown;
  let wake: (() => void)[] = [];

  function wakeAll(): void {
    const sleeping = wake;
    wake = [];
    for (const resolve of sleeping) resolve();
  }

  return {
    push(text) {
      all.push(text);
      wakeAll();
    },
    end(error) {
      ended = true;
      failure = error;
      wakeAll();
    },
    iterate(onReturn) {
      let at = 0;
      return {
        async next() {
          while (at >= all.length && !ended) await new Promise<void>((resolve) => wake.push(resolve));
          const value = all[at];
          if (value !== undefined) {
            at += 1;
            return { done: false, value };
          }
          if (failure !== undefined) throw failure;
          return { done: true, value: undefined };
        },
        async return() {
          if (!ended) onReturn();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
