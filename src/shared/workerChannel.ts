// Channels over workers and ports, of Node and of browsers; the same adapter serves both ends. Starts and ends no worker.
import type { Channel } from './channel';

/** A `worker_threads` Worker, its `parentPort`, or a MessagePort of Node. */
export interface NodePort {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
}

/** A Web Worker, or the global scope inside one. */
export interface WebPort {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
  removeEventListener(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

/** A channel to the other end of a port of Node. */
export function nodeChannel(port: NodePort): Channel {
  return {
    post: (message, transfer = []) => port.postMessage(message, transfer),
    onMessage: (listener) => {
      port.on('message', listener);
      return { dispose: () => void port.off('message', listener) };
    },
  };
}

/** A channel to the other end of a Web Worker. */
export function webChannel(port: WebPort): Channel {
  return {
    post: (message, transfer = []) => port.postMessage(message, [...transfer]),
    onMessage: (listener) => {
      const receive = (event: { readonly data: unknown }) => listener(event.data);
      port.addEventListener('message', receive);
      return { dispose: () => port.removeEventListener('message', receive) };
    },
  };
}
