/** Where a model file may come from. */
export type ModelSource =
  | string
  | URL
  | Blob
  | ArrayBuffer
  | Uint8Array<ArrayBufferLike>
  | ReadableStream<Uint8Array<ArrayBufferLike>>;

/** `base` is core WGSL in f32; `f16` and `subgroups` are options of it; `auto` takes all the adapter has. */
export type Tier = 'base' | 'f16' | 'subgroups' | 'auto';

/** Which set of kernel parameters runs: the one for software adapters or the one for GPUs. */
export type Params = 'software' | 'gpu' | 'auto';

/** How keys or values are stored in the cache. */
export type CacheType = 'f16' | 'f32';

/**
 * How matrices of quantized weights read their input: exactly, or rounded to 8 bits in blocks of 32. `auto` takes
 * int8 where that is expected to be faster and costs this model next to nothing, which is measured once per model and
 * remembered.
 */
export type Activations = 'f32' | 'int8' | 'auto';

/**
 * What a load is doing: starting the worker and the GPU device, moving the file to the GPU, finishing the
 * last pipelines, or done.
 */
export type LoadPhase = 'start' | 'download' | 'compile' | 'ready';

export interface LoadProgress {
  readonly phase: LoadPhase;
  /** Bytes of the file that have arrived. */
  readonly loaded: number;
  /** Bytes of the whole file, where the source says so. */
  readonly total: number | undefined;
  /** Over the last seconds; 0 outside the phase `download`. */
  readonly bytesPerSecond: number;
}

export interface LoadOptions {
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly signal?: AbortSignal;
  /** Positions the KV cache holds. Default: the trained length, at most 4096. */
  readonly contextLength?: number;
  readonly cacheTypeK?: CacheType;
  readonly cacheTypeV?: CacheType;
  /** Default `auto`. */
  readonly activations?: Activations;
  /** Turns int8 activations off for good: as `activations: 'f32'`. */
  readonly exact?: boolean;
  readonly tier?: Tier;
  readonly params?: Params;
  /** Takes the adapter only if its name contains this text. */
  readonly adapter?: string;
  /** `web` (default) asks for the limits every browser grants, `adapter` for the largest buffers and bindings of
   * this one, `compat` for the floor with workgroups of 128. */
  readonly limits?: 'web' | 'adapter' | 'compat';
  /** Makes the worker, where a bundler moves files about; default: `worker.js` beside this module. */
  readonly worker?: () => Worker;
  /** Where `engine.wasm` lies; default: beside the worker. */
  readonly wasmUrl?: string | URL;
}

export interface GenerateOptions {
  readonly signal?: AbortSignal;
  /** Default 256. */
  readonly maxTokens?: number;
  /** 0 or less takes the most likely token each time. Default 0.8. */
  readonly temperature?: number;
  /** Default 40; 0 is off. */
  readonly topK?: number;
  /** Above 0. Default 0.95; 1 is off. */
  readonly topP?: number;
  /** Default 0.05; 0 is off. */
  readonly minP?: number;
  /** Over the last `repeatLastN` tokens. Default 1, which is off. */
  readonly repeatPenalty?: number;
  /** Default 64. */
  readonly repeatLastN?: number;
  /** Same seed, same text. Default 0. */
  readonly seed?: number | bigint;
  /** Runs on past end-of-generation tokens. */
  readonly ignoreEos?: boolean;
}

/** Why a generation ended. */
export type StopReason = 'eog' | 'length' | 'context' | 'aborted';

export interface Timings {
  readonly loadMs: number;
  /** From the call to the first token. */
  readonly ttftMs: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
  readonly prefillTokS: number;
  readonly decodeTokS: number;
}

export interface GenerateResult {
  readonly promptIds: readonly number[];
  /** The generated token ids. */
  readonly ids: readonly number[];
  readonly text: string;
  readonly stopReason: StopReason;
  readonly timings: Timings;
}

/** A running generation: its pieces of text in order, and its result. */
export interface Generation extends AsyncIterable<string> {
  /** Settles when the generation ends; aborting is an end like others, with `stopReason` `aborted`. */
  readonly result: Promise<GenerateResult>;
  /** Tokens generated so far. A piece may be of several: some complete no character. */
  readonly tokenCount: number;
}

export interface ModelInfo {
  readonly architecture: string;
  readonly name: string | undefined;
  readonly adapter: string;
  /** True where no GPU does the work. */
  readonly isSoftware: boolean;
  readonly tier: string;
  readonly params: string;
  /** `f32` or `int8`. */
  readonly activations: string;
  /** The ggml types of the weights, the largest share first. */
  readonly types: readonly string[];
  readonly hasTokenizer: boolean;
  readonly parameterCount: number;
  readonly vocabSize: number;
  readonly contextLength: number;
  readonly trainedContextLength: number;
  readonly embeddingLength: number;
  readonly layerCount: number;
  readonly headCount: number;
  readonly headCountKv: number;
  /** GPU memory by purpose. */
  readonly bytes: Readonly<Record<string, number>>;
}

export interface TokenizeOptions {
  /** Adds the tokens the file asks for at the start and the end. Default true. */
  readonly addSpecial?: boolean;
  /** Reads texts such as `<s>` as the tokens they name. Default false: user text is only text. */
  readonly parseSpecial?: boolean;
}

/** A token, and where in a text it comes from. */
export interface TokenOffset {
  readonly id: number;
  /** In the units of `String.length`, rounded outwards to whole characters; equal for what encoding adds. */
  readonly start: number;
  readonly end: number;
}

/** What a token is. `control` steers the model and shows only when asked for. */
export type TokenType = 'normal' | 'unknown' | 'control' | 'user-defined' | 'unused' | 'byte' | 'undefined';

/** The tokens that have a role; a role that the file does not give is absent. */
export interface SpecialIds {
  readonly bos?: number;
  readonly eos?: number;
  readonly unk?: number;
  readonly sep?: number;
  readonly pad?: number;
  readonly mask?: number;
  readonly eot?: number;
  readonly eom?: number;
  readonly fimPre?: number;
  readonly fimSuf?: number;
  readonly fimMid?: number;
  readonly fimPad?: number;
  readonly fimRep?: number;
  readonly fimSep?: number;
  /** The tokens with which generation ends. */
  readonly eog: readonly number[];
}

/** Text to token ids and back, with the vocabulary of the model. */
export interface Tokenizer {
  encode(text: string, options?: TokenizeOptions): Promise<number[]>;
  /** The ids, each with the place in the text that it comes from. */
  encodeWithOffsets(text: string, options?: TokenizeOptions): Promise<TokenOffset[]>;
  decode(ids: ArrayLike<number>): Promise<string>;
  /** How many ids a text has, without listing them. */
  count(text: string, options?: TokenizeOptions): Promise<number>;
  /** What a token shows as; U+FFFD stands for part of a character. */
  tokenText(id: number): Promise<string>;
  tokenType(id: number): Promise<TokenType>;
  specialIds(): Promise<SpecialIds>;
}

export interface LogitsOptions {
  /** Gives the logits after every id, `[n_token, n_vocab]`, not only after the last. */
  readonly all?: boolean;
  readonly signal?: AbortSignal;
}

export interface BenchOptions {
  /** Tokens of the prompt. Default 128. */
  readonly promptTokens?: number;
  /** Tokens decoded one by one. Default 32. */
  readonly decodeTokens?: number;
  /** Default 5. */
  readonly repeats?: number;
  readonly signal?: AbortSignal;
}

/** One figure over several repetitions. */
export interface Rate {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface BenchReport {
  readonly prefillTokS: Rate;
  readonly decodeTokS: Rate;
  /** Bytes of weights that a decode step reads. */
  readonly bytesPerToken: number;
  /** Bytes of weights read per second of decode, in GB/s. */
  readonly gbPerSecond: number;
  readonly dispatchesPerToken: number;
  /** Of the bits of the last logits: equal where the arithmetic was. */
  readonly logitsHash: string;
}

/** A loaded model. It owns a worker and all its GPU memory until `dispose`. */
export interface Model {
  readonly info: ModelInfo;
  /** Generates from a text or from token ids. */
  generate(prompt: string | ArrayLike<number>, options?: GenerateOptions): Generation;
  /** The logits after the last of these token ids, one per token of the vocabulary, or after each of them. */
  logits(ids: ArrayLike<number>, options?: LogitsOptions): Promise<Float32Array<ArrayBuffer>>;
  readonly tokenizer: Tokenizer;
  /** As `tokenizer.encode`. */
  tokenize(text: string, options?: TokenizeOptions): Promise<number[]>;
  /** As `tokenizer.decode`. */
  detokenize(ids: ArrayLike<number>): Promise<string>;
  bench(options?: BenchOptions): Promise<BenchReport>;
  /** Ends the worker and frees all memory; calls still open reject with code `aborted`. Safe to call twice. */
  dispose(): void;
}
