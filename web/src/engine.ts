// What the worker needs of the engine. `glue.ts` makes it from the wasm module; tests make it by hand.

import type { EngineGenerateOptions, EngineOptions, EngineToken } from './messages.js';
import type { BenchReport, GenerateResult, ModelInfo, SpecialIds } from './types.js';

export interface Engine {
  /** Opens the GPU device and makes ready to take the file. */
  open(
    options: EngineOptions & { readonly total_bytes?: number; readonly known_gates: string },
  ): Promise<EngineLoader>;
}

export interface EngineLoader {
  /** Takes the next bytes of the file; settles when there is room for more. */
  push(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  finish(): Promise<EngineModel>;
}

export interface EngineModel {
  info(): ModelInfo;
  /** What int8 activations cost the model, as a line to remember; undefined where it was not asked for. */
  gate(): string | undefined;
  generate(
    prompt: string | Uint32Array<ArrayBuffer>,
    options: EngineGenerateOptions,
    onPiece: (text: string, token: number | undefined) => void,
  ): Promise<GenerateResult>;
  /** After the last id, or with `all` one row after each. */
  logits(ids: Uint32Array<ArrayBuffer>, all: boolean): Promise<Float32Array>;
  tokenize(text: string, addSpecial: boolean, parseSpecial: boolean): Uint32Array<ArrayBuffer>;
  detokenize(ids: Uint32Array<ArrayBuffer>): string;
  count_tokens(text: string, addSpecial: boolean, parseSpecial: boolean): number;
  /** Id, start and end of each token, in UTF-16 code units. */
  token_spans(text: string, addSpecial: boolean, parseSpecial: boolean): Uint32Array<ArrayBuffer>;
  /** Undefined outside the vocabulary. */
  token(id: number): EngineToken | undefined;
  special_ids(): SpecialIds;
  bench(p: number, n: number, r: number): Promise<BenchReport>;
  /** Ends what runs now at its next step. */
  abort(): void;
}

/** Starts the engine; `onPanic` is told if it ever dies. */
export type StartEngine = (
  wasmUrl: string | undefined,
  onPanic: (message: string) => void,
) => Promise<Engine>;
