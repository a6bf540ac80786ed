// Errors that a user may see: each has a code, a message that says what to do, and plain data about the cause.

/** What kind of failure this is; the host decides by the code which buttons to offer. */
export type ErrorCode =
  | 'emptyText'
  | 'textTooLong'
  | 'modelMissing'
  | 'modelCorrupt'
  | 'modelUnsupported'
  | 'modelTooLarge'
  | 'tokenizerMissing'
  | 'tokenizerUnsupported'
  | 'noAttention'
  | 'languageUnknown'
  | 'traceGone'
  | 'backendFailed'
  | 'outOfMemory'
  | 'engineCrashed'
  | 'badRequest'
  | 'cancelled'
  | 'internal';

/** Plain, structured data about an error: numbers and strings only, so that it travels. */
export type ErrorDetails = Readonly<Record<string, string | number>>;

/** A failure with a message written for the user: what happened, where, and what to do. Shown once by the host. */
export class UserError extends Error {
  override readonly name = 'UserError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The call was cancelled by its caller; never shown. */
export class CancelledError extends UserError {
  constructor(message = 'Cancelled.') {
    super('cancelled', message);
  }
}

/** Whether `error` says that its work was cancelled. */
export function isCancelled(error: unknown): boolean {
  return error instanceof UserError && error.code === 'cancelled';
}

/** Throws a {@link CancelledError} when the signal has been aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new CancelledError();
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
