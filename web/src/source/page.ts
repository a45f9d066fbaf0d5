import { GgwebError } from '../errors.js';
import { CHUNK_BYTES_MAX } from './chunks.js';

type Bytes = Uint8Array<ArrayBufferLike>;

/** A source only the page can read: bytes in its memory, or its stream. The worker pulls chunk by chunk. */
export interface PageSource {
  readonly total: number | undefined;
  /** The next chunk, in memory of its own that may be transferred away; null at the end. */
  next(): Promise<Uint8Array<ArrayBuffer> | null>;
  cancel(): void;
}

export function bytesSource(bytes: Bytes): PageSource {
  let at = 0;
  return {
    total: bytes.length,
    async next() {
      if (at >= bytes.length) return null;
      const chunk = new Uint8Array(bytes.subarray(at, at + CHUNK_BYTES_MAX));
      at += chunk.length;
      return chunk;
    },
    cancel() {},
  };
}

export function streamSource(stream: ReadableStream<Bytes>): PageSource {
  if (stream.locked) {
    throw new GgwebError(
      'invalid-argument',
      'source: the stream has a reader already, so nobody else can read it',
    );
  }
  const reader = stream.getReader();
  let rest: Bytes = new Uint8Array(0);
  return {
    total: undefined,
    async next() {
      while (rest.length === 0) {
        const { done, value } = await reader.read();
        if (done) return null;
        rest = value;
      }
      const chunk = new Uint8Array(rest.subarray(0, CHUNK_BYTES_MAX));
      rest = rest.subarray(chunk.length);
      return chunk;
    },
    cancel() {
      reader.cancel().catch(() => undefined);
    },
  };
}
