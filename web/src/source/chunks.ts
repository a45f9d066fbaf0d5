/** An opened model file: its size, where known, and its bytes in order. */
export interface OpenSource {
  readonly total: number | undefined;
  readonly chunks: AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** The largest piece that is read, sent or uploaded at once. */
export const CHUNK_BYTES_MAX: number = 4 * 1024 * 1024;

/** Small pieces are gathered up to this size: some browsers deliver 64 KiB at a time. */
export const CHUNK_BYTES_MIN: number = 1024 * 1024;

/** Gathers small chunks and cuts large ones, so that each push is worth its call and memory stays bounded. */
export async function* regroup(
  chunks: AsyncIterable<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  let gathered = new Uint8Array(CHUNK_BYTES_MIN);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      if (filled === 0 && chunk.length - at >= CHUNK_BYTES_MIN) {
        const piece = chunk.subarray(at, at + CHUNK_BYTES_MAX);
        at += piece.length;
        yield piece;
        continue;
      }
      const piece = chunk.subarray(at, at + CHUNK_BYTES_MIN - filled);
      gathered.set(piece, filled);
      filled += piece.length;
      at += piece.length;
      if (filled === CHUNK_BYTES_MIN) {
        yield gathered;
        gathered = new Uint8Array(CHUNK_BYTES_MIN);
        filled = 0;
      }
    }
  }
  if (filled > 0) yield gathered.subarray(0, filled);
}
