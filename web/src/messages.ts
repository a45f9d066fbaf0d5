// The messages between the page and the worker. `kind` fixes the payload; `id` ties answers to their request.

import type { ErrorCode } from './errors.js';
import type {
  Activations,
  BenchReport,
  CacheType,
  GenerateResult,
  ModelInfo,
  Params,
  SpecialIds,
  Tier,
} from './types.js';

/** Where the worker takes the file from: by itself, or chunk by chunk from the page. */
export type SourceMessage =
  | { readonly from: 'url'; readonly url: string }
  | { readonly from: 'blob'; readonly blob: Blob }
  | { readonly from: 'page'; readonly total: number | undefined };

/** Options of the engine, in its own words; absent means the engine's default. */
export interface EngineOptions {
  readonly n_ctx?: number;
  readonly cache_type_k?: CacheType;
  readonly cache_type_v?: CacheType;
  readonly activations?: Activations;
  readonly tier?: Tier;
  readonly params?: Params;
  readonly adapter?: string;
  readonly limits?: 'web' | 'adapter' | 'compat';
}

/** Options of one generation, in the engine's own words. */
export interface EngineGenerateOptions {
  readonly n_predict?: number;
  readonly ignore_eos?: boolean;
  readonly temperature?: number;
  readonly top_k?: number;
  readonly top_p?: number;
  readonly min_p?: number;
  readonly repeat_penalty?: number;
  readonly repeat_last_n?: number;
  readonly seed?: bigint;
}

/** What the engine says of a token. */
export interface EngineToken {
  readonly text: string;
  /** Its properties, with llama.cpp's bits. */
  readonly attr: number;
}

/** What the page asks for. */
export type Request =
  | {
      readonly kind: 'load';
      readonly id: number;
      readonly source: SourceMessage;
      readonly options: EngineOptions;
      readonly wasmUrl: string | undefined;
    }
  | {
      readonly kind: 'generate';
      readonly id: number;
      readonly prompt: string | Uint32Array<ArrayBuffer>;
      readonly options: EngineGenerateOptions;
    }
  | {
      readonly kind: 'logits';
      readonly id: number;
      readonly all: boolean;
      readonly ids: Uint32Array<ArrayBuffer>;
    }
  | {
      readonly kind: 'tokenize';
      readonly id: number;
      readonly text: string;
      readonly addSpecial: boolean;
      readonly parseSpecial: boolean;
    }
  | { readonly kind: 'detokenize'; readonly id: number; readonly ids: Uint32Array<ArrayBuffer> }
  | {
      readonly kind: 'count-tokens';
      readonly id: number;
      readonly text: string;
      readonly addSpecial: boolean;
      readonly parseSpecial: boolean;
    }
  | {
      readonly kind: 'token-spans';
      readonly id: number;
      readonly text: string;
      readonly addSpecial: boolean;
      readonly parseSpecial: boolean;
    }
  | { readonly kind: 'token'; readonly id: number; readonly token: number }
  | { readonly kind: 'special-ids'; readonly id: number }
  | {
      readonly kind: 'bench';
      readonly id: number;
      readonly p: number;
      readonly n: number;
      readonly r: number;
    };

/** What the page says besides: stop a request, or the next chunk of a file it reads itself (null at its end). */
export type Notice =
  | { readonly kind: 'abort'; readonly id: number }
  | { readonly kind: 'chunk'; readonly id: number; readonly bytes: Uint8Array<ArrayBuffer> | null }
  | { readonly kind: 'chunk-failed'; readonly id: number; readonly message: string };

export type ToWorker = Request | Notice;

/** The answer each kind of request ends with. */
export interface Answers {
  load: ModelInfo;
  generate: GenerateResult;
  logits: Float32Array<ArrayBuffer>;
  tokenize: Uint32Array<ArrayBuffer>;
  detokenize: string;
  'count-tokens': number;
  /** Id, start and end of each token. */
  'token-spans': Uint32Array<ArrayBuffer>;
  token: EngineToken | undefined;
  'special-ids': SpecialIds;
  bench: BenchReport;
}

export type AnswerMessage = {
  readonly [K in keyof Answers]: {
    readonly kind: 'answer';
    readonly to: K;
    readonly id: number;
    readonly value: Answers[K];
  };
}[keyof Answers];

export type FromWorker =
  | AnswerMessage
  | { readonly kind: 'failed'; readonly id: number; readonly code: ErrorCode; readonly message: string }
  | {
      readonly kind: 'progress';
      readonly id: number;
      readonly phase: 'download' | 'compile';
      readonly loaded: number;
      readonly total: number | undefined;
    }
  /** The worker is ready for the next chunk of a file that the page reads. */
  | { readonly kind: 'pull'; readonly id: number }
  /** A token with the text that it completes; without one, the text that was left over at the end. */
  | { readonly kind: 'piece'; readonly id: number; readonly text: string; readonly token: number | undefined }
  /** The engine panicked: nothing open in this worker will ever settle. */
  | { readonly kind: 'fatal'; readonly message: string };
