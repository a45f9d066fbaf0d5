/**
 * ggweb runs GGUF language models on WebGPU, in a worker that it starts by itself.
 *
 * ```ts
 * import { load } from 'ggweb';
 *
 * const model = await load('/models/stories15M-q4_0.gguf', { onProgress: console.log });
 * const answer = model.generate('Once upon a time', { maxTokens: 64 });
 * for await (const piece of answer) console.log(piece);
 * const { stopReason, timings } = await answer.result;
 * model.dispose();
 * ```
 */

export { type ErrorCode, GgwebError } from './errors.js';
export { load } from './load.js';
export type {
  BenchOptions,
  BenchReport,
  CacheType,
  GenerateOptions,
  GenerateResult,
  Generation,
  LoadOptions,
  LoadPhase,
  LoadProgress,
  LogitsOptions,
  Model,
  ModelInfo,
  ModelSource,
  Params,
  Rate,
  SpecialIds,
  StopReason,
  Tier,
  Timings,
  TokenizeOptions,
  Tokenizer,
  TokenOffset,
  TokenType,
} from './types.js';
