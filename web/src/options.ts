// The one place where the page's camelCase options become the engine's, checked on the way.

import { GgwebError } from './errors.js';
import type { EngineGenerateOptions, EngineOptions } from './messages.js';
import type { GenerateOptions, LoadOptions } from './types.js';

const U32_MAX = 0xffff_ffff;
const U64_MAX = 0xffff_ffff_ffff_ffffn;

export function engineOptions(options: LoadOptions): EngineOptions {
  return compact({
    n_ctx: whole('contextLength', options.contextLength, 1),
    cache_type_k: oneOf('cacheTypeK', options.cacheTypeK, ['f16', 'f32']),
    cache_type_v: oneOf('cacheTypeV', options.cacheTypeV, ['f16', 'f32']),
    tier: oneOf('tier', options.tier, ['base', 'f16', 'subgroups', 'auto']),
    params: oneOf('params', options.params, ['software', 'gpu', 'auto']),
    adapter: options.adapter,
    limits: oneOf('limits', options.limits, ['web', 'adapter']),
  });
}

export function engineGenerateOptions(options: GenerateOptions): EngineGenerateOptions {
  return compact({
    n_predict: whole('maxTokens', options.maxTokens, 0),
    ignore_eos: options.ignoreEos,
    temperature: number('temperature', options.temperature, 0, Number.MAX_VALUE),
    top_k: whole('topK', options.topK, 0),
    top_p: number('topP', options.topP, 0, 1),
    min_p: number('minP', options.minP, 0, 1),
    repeat_penalty: number('repeatPenalty', options.repeatPenalty, Number.MIN_VALUE, Number.MAX_VALUE),
    repeat_last_n: whole('repeatLastN', options.repeatLastN, 0),
    seed: seed(options.seed),
  });
}

/** Token ids as the engine takes them; a text, a fraction or a negative id among them is an error. */
export function tokenIds(name: string, ids: ArrayLike<number>): Uint32Array<ArrayBuffer> {
  if (typeof ids !== 'object' || ids === null || typeof ids.length !== 'number') {
    throw invalid(name, 'a list of token ids', ids);
  }
  const out = new Uint32Array(ids.length);
  for (let i = 0; i < ids.length; i++) {
    out[i] = whole(`${name}[${i}]`, ids[i], 0) ?? missing(`${name}[${i}]`);
  }
  return out;
}

/** A whole number of at least `min` that fits 32 bits. */
export function whole(name: string, value: number | undefined, min: number): number | undefined {
  if (value === undefined) return undefined;
  if (!Number.isInteger(value) || value < min || value > U32_MAX) {
    throw invalid(name, `a whole number from ${min} to ${U32_MAX}`, value);
  }
  return value;
}

function number(name: string, value: number | undefined, min: number, max: number): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    const range =
      max === Number.MAX_VALUE
        ? `a number ${min === 0 ? 'of at least' : 'above'} 0`
        : `a number from ${min} to ${max}`;
    throw invalid(name, range, value);
  }
  return value;
}

function oneOf<T extends string>(name: string, value: T | undefined, words: readonly T[]): T | undefined {
  if (value === undefined || words.includes(value)) return value;
  throw invalid(name, `one of ${words.join(', ')}`, value);
}

function seed(value: number | bigint | undefined): bigint | undefined {
  if (value === undefined) return undefined;
  if (
    typeof value === 'bigint' ? value >= 0n && value <= U64_MAX : Number.isSafeInteger(value) && value >= 0
  ) {
    return BigInt(value);
  }
  throw invalid('seed', 'a whole number of at least 0 (as a bigint above 2^53)', value);
}

function missing(name: string): never {
  throw new GgwebError('invalid-argument', `${name}: expected a token id, found nothing`);
}

function invalid(name: string, expected: string, found: unknown): GgwebError {
  return new GgwebError('invalid-argument', `${name}: expected ${expected}, found ${String(found)}`);
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Leaves out what is undefined, so that absent and undefined mean the same. */
function compact<T extends object>(all: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Partial<
    Defined<T>
  >;
}
