// What travels over a channel: the five messages of a call, and errors as plain data.
import type { ErrorCode, ErrorDetails } from './errors';
import { messageOf, UserError } from './errors';
import type { Progress } from './protocol';

/** Calls and cancels go from caller to server, the others back; so both directions can share a channel. */
export type RpcMessage =
  | {
      readonly rpc: 'call';
      readonly id: number;
      readonly method: string;
      readonly request: unknown;
      /** Whether the caller listens to progress. */
      readonly progress: boolean;
    }
  | { readonly rpc: 'cancel'; readonly id: number }
  | { readonly rpc: 'progress'; readonly id: number; readonly progress: Progress }
  | { readonly rpc: 'result'; readonly id: number; readonly result: unknown }
  | { readonly rpc: 'error'; readonly id: number; readonly error: PlainError };

/** An error as it travels. */
export interface PlainError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly stack: string | undefined;
  readonly details: ErrorDetails;
}

/** Whether a message is one of ours; anything else on the channel is left alone. */
export function isRpcMessage(message: unknown): message is RpcMessage {
  return typeof message === 'object' && message !== null && 'rpc' in message && 'id' in message;
}

/** Anything that was thrown, as plain data; what is no {@link UserError} gets the code `internal`. */
export function toPlainError(error: unknown): PlainError {
  return {
    code: error instanceof UserError ? error.code : 'internal',
    message: messageOf(error),
    stack: error instanceof Error ? error.stack : undefined,
    details: error instanceof UserError ? error.details : {},
  };
}

/** The {@link UserError} that travelled; its stack is the sender's, followed by the call that brought it here. */
export function fromPlainError(plain: PlainError, method: string): UserError {
  const error = new UserError(plain.code, plain.message, plain.details);
  error.stack = `${plain.stack ?? plain.message}\n    in the remote call '${method}'`;
  return error;
}
