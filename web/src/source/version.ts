// What an answer's headers say of the file, and whether two answers are of the same one. Another origin's headers
// are hidden unless it exposes them, all but a few: `Content-Length` and `Last-Modified` are always there to see.

import { GgwebError } from '../errors.js';

/** By what one version of a file differs from the next. */
export interface Version {
  /** Only a strong one: weak ones are equal where the bytes may differ. */
  readonly etag?: string;
  readonly lastModified?: string;
}

/** Where in the file an answer begins and how long the file is, as far as its headers say. */
export interface Size {
  readonly start: number | undefined;
  readonly total: number | undefined;
}

export function nameVersion({ headers }: Response): Version {
  const etag = headers.get('ETag');
  const lastModified = headers.get('Last-Modified');
  return {
    ...(etag === null || etag.startsWith('W/') ? {} : { etag }),
    ...(lastModified === null ? {} : { lastModified }),
  };
}

/** A range whose own header is hidden is taken to begin at `askedFrom`. */
export function sizeOf(response: Response, askedFrom = 0): Size {
  const length = contentLength(response);
  if (response.status !== 206) return { start: 0, total: length };
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('Content-Range') ?? '');
  if (range === null)
    return { start: undefined, total: length === undefined ? undefined : askedFrom + length };
  return { start: Number(range[1]), total: range[2] === '*' ? undefined : Number(range[2]) };
}

/**
 * The body's size; unknown where the transfer is compressed, since the header then counts other bytes. A range is
 * not; of a whole file from another origin nothing says so, since that header is hidden.
 */
function contentLength({ headers, status, type }: Response): number | undefined {
  const encoding = headers.get('Content-Encoding');
  const length = headers.get('Content-Length');
  const isCompressed = encoding !== null && encoding !== 'identity';
  if (length === null || isCompressed || (type === 'cors' && status !== 206)) return undefined;
  return Number(length);
}

/** Refuses an answer that cannot be joined to the `loaded` bytes before it, or that nothing shows to belong to them. */
export function checkResumed(
  response: Response,
  {
    url,
    loaded,
    total,
    version,
  }: { url: string; loaded: number; total: number | undefined; version: Version },
): void {
  const refuse = (why: string): never => {
    throw new GgwebError('download-failed', `${url}: the download broke at byte ${loaded}, and ${why}`);
  };
  const size = sizeOf(response, loaded);
  const now = nameVersion(response);
  const isOther =
    differs(size.total, total) ||
    differs(now.etag, version.etag) ||
    differs(now.lastModified, version.lastModified);
  if (isOther) refuse('the file has changed since; load it again');
  if (response.status === 206) {
    if (differs(size.start, loaded)) refuse(`the server went on at byte ${size.start}`);
    if (size.start === undefined && (size.total === undefined || total === undefined)) {
      refuse(
        'the server does not show where it went on; load the file again, or expose `Content-Range` (CORS)',
      );
    }
  }
  const isSame =
    loaded === 0 ||
    (now.etag !== undefined && version.etag !== undefined) ||
    (now.lastModified !== undefined && version.lastModified !== undefined);
  if (!isSame)
    refuse('nothing shows whether the file is still the same; load it again, or send `Last-Modified`');
}

/** Whether both are known and not equal. */
function differs<T>(a: T | undefined, b: T | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}
