// Typed remote calls over a channel: every contract of the product is served and called through this; it knows no contract.
import type { Channel } from './channel';
import { transferred } from './channel';
import type { Disposable } from './disposable';
import { CancelledError, messageOf, UserError } from './errors';
import type { CallOptions, Method, Progress } from './protocol';
import type { RpcMessage } from './rpcMessage';
import { fromPlainError, isRpcMessage, toPlainError } from './rpcMessage';

export type { Channel } from './channel';
export { transfer } from './channel';

/** What a contract must look like: nothing but methods. */
export type Contract<T> = { readonly [K in keyof T]: Method<never, unknown> };

/** The caller's end of a connection. */
export type Connection<T> = T & {
  /** Stops listening and rejects every pending call with `reason`; later calls are rejected with it as well. */
  dispose(reason?: UserError): void;
};

interface Pending {
  readonly method: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: UserError) => void;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/**
 * Calls the implementation of `T` at the other end of the channel.
 *
 * Every call rejects with a {@link UserError}: the server's own (code, message, stack, details), a
 * {@link CancelledError} as soon as its signal is aborted, or the reason the connection was disposed for.
 */
export function connect<T extends Contract<T>>(channel: Channel): Connection<T> {
  const caller = new Caller(channel);
  const methods = new Map<string, (request: unknown, call?: CallOptions) => Promise<unknown>>();
  const proxy: unknown = new Proxy(Object.create(null) as object, {
    get: (_target, name) => {
      // A promise that resolves to the proxy asks for `then`: it must look like a plain object.
      if (typeof name === 'symbol' || name === 'then') {
        return undefined;
      }
      if (name === 'dispose') {
        return (reason?: UserError) => caller.dispose(reason);
      }
      let method = methods.get(name);
      if (!method) {
        method = (request, call) => caller.call(name, request, call);
        methods.set(name, method);
      }
      return method;
    },
  });
  return proxy as Connection<T>;
}

class Caller implements Disposable {
  private readonly pending = new Map<number, Pending>();
  private readonly listening: Disposable;
  private closed: UserError | undefined;
  private nextId = 1;

  constructor(private readonly channel: Channel) {
    this.listening = channel.onMessage((message) => {
      if (isRpcMessage(message)) {
        this.receive(message);
      }
    });
  }

  call(method: string, request: unknown, call: CallOptions = {}): Promise<unknown> {
    const { signal, onProgress } = call;
    if (this.closed) {
      return Promise.reject(this.closed);
    }
    if (signal?.aborted) {
      return Promise.reject(new CancelledError());
    }
    const id = this.nextId++;
    return new Promise<unknown>((resolve, reject) => {
      const cancel = () => {
        this.settle(id)?.reject(new CancelledError());
        this.channel.post({ rpc: 'cancel', id } satisfies RpcMessage);
      };
      const release = () => signal?.removeEventListener('abort', cancel);
      this.pending.set(id, {
        method,
        onProgress,
        resolve: (result) => {
          release();
          resolve(result);
        },
        reject: (error) => {
          release();
          reject(error);
        },
      });
      signal?.addEventListener('abort', cancel, { once: true });
      try {
        this.channel.post(
          { rpc: 'call', id, method, request, progress: onProgress !== undefined } satisfies RpcMessage,
          transferred(request),
        );
      } catch (error) {
        // The request cannot be cloned, or the pipe is closed.
        const message = `The call '${method}' could not be sent: ${messageOf(error)}`;
        this.settle(id)?.reject(new UserError('internal', message, {}, { cause: error }));
      }
    });
  }

  dispose(reason = new UserError('cancelled', 'The connection was closed before the answer came.')): void {
    this.closed ??= reason;
    this.listening.dispose();
    for (const id of [...this.pending.keys()]) {
      this.settle(id)?.reject(reason);
    }
  }

  private receive(message: RpcMessage): void {
    switch (message.rpc) {
      case 'result':
        this.settle(message.id)?.resolve(message.result);
        break;
      case 'error': {
        const pending = this.settle(message.id);
        pending?.reject(fromPlainError(message.error, pending.method));
        break;
      }
      case 'progress':
        this.pending.get(message.id)?.onProgress?.(message.progress);
        break;
      case 'call':
      case 'cancel':
        break; // for the server that shares this channel
      default:
        message satisfies never;
    }
  }

  private settle(id: number): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    return pending;
  }
}

/**
 * Answers the calls that arrive on the channel with the methods of `implementation`. At most one server per channel.
 *
 * Each method gets a signal that is aborted when the caller cancels; what it then answers is dropped by the caller.
 * Disposing aborts the running calls and answers them with an error; it does not dispose of the implementation.
 */
export function serve<T extends Contract<T>>(channel: Channel, implementation: T): Disposable {
  const running = new Map<number, AbortController>();

  const answer = async (id: number, method: string, request: unknown, progress: boolean): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const result = await methodOf(implementation, method)(request, {
        signal: controller.signal,
        onProgress: (value) => {
          if (progress && running.has(id)) {
            channel.post({ rpc: 'progress', id, progress: value } satisfies RpcMessage);
          }
        },
      });
      if (running.has(id)) {
        channel.post({ rpc: 'result', id, result } satisfies RpcMessage, transferred(result));
      }
    } catch (error) {
      if (running.has(id)) {
        channel.post({ rpc: 'error', id, error: toPlainError(error) } satisfies RpcMessage);
      }
    } finally {
      running.delete(id);
    }
  };

  const listening = channel.onMessage((message) => {
    if (!isRpcMessage(message)) {
      return;
    }
    if (message.rpc === 'call') {
      void answer(message.id, message.method, message.request, message.progress);
    } else if (message.rpc === 'cancel') {
      running.get(message.id)?.abort();
    }
  });

  return {
    dispose: () => {
      listening.dispose();
      const closed = toPlainError(
        new UserError('cancelled', 'The other side was closed before it answered.'),
      );
      for (const [id, controller] of [...running]) {
        running.delete(id);
        controller.abort();
        channel.post({ rpc: 'error', id, error: closed } satisfies RpcMessage);
      }
    },
  };
}

/** @throws UserError `badRequest` when the implementation has no such method. */
function methodOf(
  implementation: object,
  name: string,
): (request: unknown, call: CallOptions) => Promise<unknown> {
  // `toString` and its like are no methods of a contract.
  const method: unknown = name in Object.prototype ? undefined : Reflect.get(implementation, name);
  if (typeof method !== 'function') {
    throw new UserError('badRequest', `There is no method '${name}' at this end.`, { method: name });
  }
  return (request, call) => Promise.resolve(method.call(implementation, request, call));
}
