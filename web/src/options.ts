// The one place where the page's camelCase options become the engine's, checked on the way.

import { GgwebError } from './errors.js';
import type { EngineGenerateOptions, EngineOptions } from './messages.js';
import type { Activations, GenerateOptions, LoadOptions } from './types.js';

const U32_MAX = 0xffff_ffff;
const U64_MAX = 0xffff_ffff_ffff_ffffn;
const FINITE: (value: number) => boolean = Number.isFinite;

export function engineOptions(options: LoadOptions): EngineOptions {
  return compact({
    n_ctx: whole('contextLength', options.contextLength, 1),
    cache_type_k: oneOf('cacheTypeK', options.cacheTypeK, ['f16', 'f32']),
    cache_type_v: oneOf('cacheTypeV', options.cacheTypeV, ['f16', 'f32']),
    activations: activations(options),
    tier: oneOf('tier', options.tier, ['base', 'f16', 'subgroups', 'auto']),
    params: oneOf('params', options.params, ['software', 'gpu', 'auto']),
    adapter: typed('adapter', options.adapter, 'string'),
    limits: oneOf('limits', options.limits, ['web', 'adapter', 'compat']),
  });
}

function activations(options: LoadOptions): Activations | undefined {
  const asked = oneOf('activations', options.activations, ['f32', 'int8', 'auto']);
  if (typed('exact', options.exact, 'boolean') !== true) return asked;
  if (asked === 'int8') throw invalid('activations', 'f32 or auto where exact is true', asked);
  return 'f32';
}

/** The ranges are those of the engine's sampler. */
export function engineGenerateOptions(options: GenerateOptions): EngineGenerateOptions {
  return compact({
    n_predict: whole('maxTokens', options.maxTokens, 0),
    ignore_eos: typed('ignoreEos', options.ignoreEos, 'boolean'),
    temperature: number('temperature', options.temperature, FINITE, 'a finite number (0 or less is greedy)'),
    top_k: whole('topK', options.topK, 0),
    top_p: number('topP', options.topP, (p) => p > 0 && p <= 1, 'above 0 and at most 1 (1 is off)'),
    min_p: number('minP', options.minP, (p) => p >= 0 && p <= 1, 'from 0 to 1 (0 is off)'),
    repeat_penalty: number(
      'repeatPenalty',
      options.repeatPenalty,
      (penalty) => penalty > 0 && FINITE(penalty),
      'a finite number above 0 (1 is off)',
    ),
    repeat_last_n: whole('repeatLastN', options.repeatLastN, 0),
    seed: seed(options.seed),
  });
}

/** A signal, or anything else that can be listened to and says whether it was aborted. */
export function abortSignal(value: AbortSignal | undefined): AbortSignal | undefined {
  if (value === undefined || typeof value?.addEventListener === 'function') return value;
  throw invalid('signal', 'an AbortSignal', value);
}

interface Types {
  readonly string: string;
  readonly boolean: boolean;
  readonly function: (...args: never[]) => unknown;
}

/** A value of this type, where one is given. */
export function typed<K extends keyof Types, T extends Types[K]>(
  name: string,
  value: T | undefined,
  type: K,
): T | undefined {
  if (value === undefined || typeof value === type) return value;
  throw invalid(name, `a ${type}`, value);
}

/** Token ids as the engine takes them; a text, a fraction or a negative id among them is an error. */
export function tokenIds(name: string, ids: ArrayLike<number>): Uint32Array<ArrayBuffer> {
  if (typeof ids !== 'object' || ids === null || !(Number.isInteger(ids.length) && ids.length >= 0)) {
    throw invalid(name, 'a list of token ids', ids);
  }
  // All are looked at before memory is taken: a length may be any number.
  for (let i = 0; i < ids.length; i++) {
    if (whole(`${name}[${i}]`, ids[i], 0) === undefined) throw missing(`${name}[${i}]`);
  }
  return Uint32Array.from(ids);
}

/** A text, which may be empty but must be given. */
export function textOf(name: string, value: string): string {
  if (typeof value === 'string') return value;
  throw invalid(name, 'a string', value);
}

/** A whole number of at least `min` that fits 32 bits. */
export function whole(name: string, value: number | undefined, min: number): number | undefined {
  if (value === undefined) return undefined;
  if (!Number.isInteger(value) || value < min || value > U32_MAX) {
    throw invalid(name, `a whole number from ${min} to ${U32_MAX}`, value);
  }
  return value;
}

/** A number as the engine will see it: of 32 bits. */
function number(
  name: string,
  value: number | undefined,
  isAllowed: (value: number) => boolean,
  range: string,
): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !isAllowed(Math.fround(value))) throw invalid(name, range, value);
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

function missing(name: string): GgwebError {
  return new GgwebError('invalid-argument', `${name}: expected a token id, found nothing`);
}

function invalid(name: string, expected: string, found: unknown): GgwebError {
  return new GgwebError('invalid-argument', `${name}: expected ${expected}, found ${shown(found)}`);
}

/** As text; some objects have none. */
export function shown(found: unknown): string {
  try {
    return String(found);
  } catch {
    return typeof found;
  }
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Leaves out what is undefined, so that absent and undefined mean the same. */
function compact<T extends object>(all: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Partial<
    Defined<T>
  >;
}
