// VS Code's side of a webview: the typed API object and the channel that the remote calls travel on.
import type { Channel } from '../src/shared/channel';
import { decodeNumbers } from '../src/shared/plainNumbers';

/** What VS Code gives to a webview, once. */
export interface WebviewApi {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): WebviewApi;

/** May be called once per page. */
export function webviewApi(): WebviewApi {
  return acquireVsCodeApi();
}

/** The channel to the extension host. Messages of other windows are not listened to: VS Code relays only the host's. */
export function webviewChannel(api: WebviewApi): Channel {
  return {
    post: (message, transfer = []) => api.postMessage(message, transfer),
    onMessage: (listener) => {
      const receive = (event: MessageEvent<unknown>) => listener(decodeNumbers(event.data));
      window.addEventListener('message', receive);
      return { dispose: () => window.removeEventListener('message', receive) };
    },
  };
}
