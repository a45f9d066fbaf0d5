// Compiled, never run: the package's types as a strict user meets them.

import {
  type ErrorCode,
  type GenerateResult,
  GgwebError,
  type LoadProgress,
  load,
  type Model,
  type StopReason,
} from 'ggweb';

const signal = new AbortController().signal;

export async function use(source: string | File): Promise<string> {
  const onProgress = ({ phase, loaded, total, bytesPerSecond }: LoadProgress): void => {
    console.log(phase, loaded, total ?? 0, bytesPerSecond);
  };
  const model: Model = await load(source, {
    onProgress,
    signal,
    contextLength: 512,
    tier: 'base',
    cacheTypeK: 'f32',
  });
  const answer = model.generate('Once', {
    maxTokens: 8,
    temperature: 0.5,
    topK: 1,
    topP: 1,
    minP: 0,
    repeatPenalty: 1,
    seed: 1n,
    signal,
  });
  let text = '';
  for await (const piece of answer) text += piece;
  const { ids, stopReason, timings }: GenerateResult = await answer.result;
  const reason: StopReason = stopReason;
  const logits: Float32Array = await model.logits(new Uint32Array([1, 2]));
  const all = await model.logits([1, 2], { all: true, signal });
  console.log(ids.length, reason, timings.ttftMs, logits.length, all.length, model.info.bytes['weights']);
  model.generate(ids);
  model.dispose();
  return text;
}

export function codeOf(error: unknown): ErrorCode | undefined {
  return error instanceof GgwebError ? error.code : undefined;
}

// @ts-expect-error: a number is no source
void load(7);
// @ts-expect-error: options are camelCase
void load('x', { n_ctx: 7 });
// @ts-expect-error: there is no such tier
void load('x', { tier: 'best' });
