/** What went wrong, as a stable word that programs can compare. */
export type ErrorCode =
  | 'webgpu-unavailable'
  | 'out-of-memory'
  | 'device-lost'
  | 'malformed-file'
  | 'unsupported-model'
  | 'download-failed'
  | 'invalid-argument'
  | 'context-full'
  | 'aborted'
  | 'internal';

const CODES: ReadonlySet<string> = new Set<ErrorCode>([
  'webgpu-unavailable',
  'out-of-memory',
  'device-lost',
  'malformed-file',
  'unsupported-model',
  'download-failed',
  'invalid-argument',
  'context-full',
  'aborted',
  'internal',
]);

/**
 * The one error class of this package.
 *
 * `code` says what went wrong, `message` what was expected, what was found and what to do.
 * With code `aborted` the `name` is `"AbortError"`, as everywhere on the web platform.
 */
export class GgwebError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = code === 'aborted' ? 'AbortError' : 'GgwebError';
  }
}

/** Turns anything thrown into a `GgwebError`; what carries no known code becomes `internal`. */
export function toGgwebError(thrown: unknown): GgwebError {
  if (thrown instanceof GgwebError) return thrown;
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'message' in thrown) {
    const { code, message } = thrown;
    if (typeof code === 'string' && CODES.has(code)) {
      return new GgwebError(code as ErrorCode, String(message));
    }
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new GgwebError('internal', message, { cause: thrown });
}

/** The error of an aborted call. */
export function abortError(what: string): GgwebError {
  return new GgwebError('aborted', `${what} was aborted`);
}
