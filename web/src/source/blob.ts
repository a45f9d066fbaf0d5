import { GgwebError } from '../errors.js';
import { CHUNK_BYTES_MAX, type OpenSource } from './chunks.js';

/** Reads a blob or file slice by slice, which is faster than its stream in every browser measured. */
export function openBlob(blob: Blob): OpenSource {
  return { total: blob.size, chunks: slices(blob) };
}

async function* slices(blob: Blob): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  for (let at = 0; at < blob.size; at += CHUNK_BYTES_MAX) {
    let bytes: ArrayBuffer;
    try {
      bytes = await blob.slice(at, at + CHUNK_BYTES_MAX).arrayBuffer();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new GgwebError('download-failed', `the file could not be read at byte ${at}: ${reason}`, {
        cause: error,
      });
    }
    yield new Uint8Array(bytes);
  }
}
