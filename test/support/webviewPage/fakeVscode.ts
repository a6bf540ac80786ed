// Stands for VS Code in a page of its own: what a webview posts goes to a host in the same page, and back.
import type { Channel } from '../../../src/shared/channel';

declare global {
  // The webview asks for it, once.
  var acquireVsCodeApi: () => unknown;
}

/** Offers `acquireVsCodeApi` to the webview and returns the host's end of the channel. */
export function fakeVscode(): Channel {
  let state: unknown;
  const listeners = new Set<(message: unknown) => void>();
  globalThis.acquireVsCodeApi = () => ({
    postMessage: (message: unknown) => setTimeout(() => listeners.forEach((listen) => listen(message))),
    getState: () => state,
    setState: (next: unknown) => (state = next),
  });
  return {
    post: (message) => window.postMessage(message, '*'),
    onMessage: (listener) => {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
  };
}
