// A two-way pipe for messages: a worker, a port or a webview. The adapters live with whoever owns the real thing.
import type { Disposable } from './disposable';

/** One end of a pipe. Messages arrive in order and whole; anything that structured clone takes may be sent. */
export interface Channel {
  /** Sends a message; the buffers in `transfer` move instead of being copied, where the pipe can do that. */
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  /** Calls `listener` for every message until disposed. */
  onMessage(listener: (message: unknown) => void): Disposable;
}

const marked = new WeakMap<object, readonly ArrayBuffer[]>();

/**
 * Marks buffers inside a request or an answer to be moved, not copied, when it is sent.
 * The sender must not touch them afterwards. Returns `value`.
 */
export function transfer<T extends object>(value: T, buffers: readonly ArrayBuffer[]): T {
  marked.set(value, buffers);
  return value;
}

/** The buffers that {@link transfer} marked in `value`. */
export function transferred(value: unknown): readonly ArrayBuffer[] {
  return typeof value === 'object' && value !== null ? (marked.get(value) ?? []) : [];
}
