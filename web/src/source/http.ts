import { GgwebError } from '../errors.js';
import type { OpenSource } from './chunks.js';
import { checkResumed, nameVersion, sizeOf, type Version } from './version.js';

/** Attempts in a row without a byte before a download is given up. */
const ATTEMPTS_MAX = 4;
const RETRY_DELAY_MS = 250;

type Bytes = Uint8Array<ArrayBuffer>;

interface Download {
  readonly url: string;
  /** Bytes handed on so far: where a broken download goes on. */
  loaded: number;
  total: number | undefined;
  /** Of the file in the first answer, so that two versions are never joined. */
  version: Version | undefined;
}

/** Opens a URL as a stream; a broken connection is taken up again where it broke, by a range request. */
export async function openUrl(url: string): Promise<OpenSource> {
  const download: Download = { url, loaded: 0, total: undefined, version: undefined };
  const first = await requestWithRetries(download);
  return { total: download.total, chunks: stream(download, first) };
}

async function* stream(download: Download, first: Response): AsyncGenerator<Bytes, void, undefined> {
  let response = first;
  let attempts = 0;
  for (;;) {
    const skip = response.status === 206 ? 0 : download.loaded;
    try {
      for await (const bytes of bodyOf(response, skip)) {
        attempts = 0;
        download.loaded += bytes.length;
        yield bytes;
      }
      if (download.total === undefined || download.loaded >= download.total) return;
      throw new TypeError(`the connection ended at byte ${download.loaded} of ${download.total}`);
    } catch (error) {
      if (error instanceof GgwebError) throw error;
      attempts += 1;
      if (attempts >= ATTEMPTS_MAX) throw failed(download, error);
      await pause(attempts);
      response = await requestWithRetries(download);
    }
  }
}

/** The body's bytes after the first `skip`, for a server that answers a range request with the whole file. */
async function* bodyOf(response: Response, skip: number): AsyncGenerator<Bytes, void, undefined> {
  if (response.body === null) return;
  const reader = response.body.getReader();
  let toSkip = skip;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (toSkip >= value.length) {
        toSkip -= value.length;
        continue;
      }
      yield value.subarray(toSkip);
      toSkip = 0;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function requestWithRetries(download: Download): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await request(download, attempt);
    } catch (error) {
      if (error instanceof GgwebError) throw error;
      if (attempt >= ATTEMPTS_MAX) throw failed(download, error);
      await pause(attempt);
    }
  }
}

/**
 * Asks for a range even at the start: with one, browsers ask for the bytes as they are and not compressed. It is a
 * header that another origin need not permit, unlike `If-Range`. Browsers refuse what is compressed all the same, so
 * every second attempt at the start does without.
 */
async function request(download: Download, attempt: number): Promise<Response> {
  const { url, loaded } = download;
  const isPlain = loaded === 0 && attempt % 2 === 0;
  const response = await fetch(url, { headers: isPlain ? {} : { Range: `bytes=${loaded}-` } });
  if (response.status >= 500 || response.status === 429) {
    throw new TypeError(`the server answered ${response.status} ${response.statusText}`.trimEnd());
  }
  if (!response.ok) {
    throw new GgwebError(
      'download-failed',
      `${url}: the server answered ${response.status} ${response.statusText}`.trimEnd(),
    );
  }
  try {
    const { version } = download;
    if (version === undefined) remember(download, response);
    else checkResumed(response, { ...download, version });
  } catch (error) {
    await response.body?.cancel().catch(() => undefined);
    throw error;
  }
  return response;
}

/** Notes size and version at the first answer. */
function remember(download: Download, response: Response): void {
  const size = sizeOf(response);
  if ((size.start ?? 0) !== 0) {
    throw new GgwebError('download-failed', `${download.url}: the server left out the file's start`);
  }
  download.total = size.total;
  download.version = nameVersion(response);
}

function failed(download: Download, error: unknown): GgwebError {
  const reason = error instanceof Error ? error.message : String(error);
  return new GgwebError(
    'download-failed',
    `${download.url}: ${reason} (${download.loaded} bytes had arrived). ` +
      'Check the connection, and that the server allows this page to read the file (CORS).',
    { cause: error },
  );
}

function pause(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS * 2 ** (attempt - 1)));
}
