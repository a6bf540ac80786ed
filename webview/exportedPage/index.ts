// Entry of a saved page: stands in for VS Code and the engine, so that the explorer's own script runs on the saved run, offline.
import type { Channel } from '../../src/shared/channel';
import { fromPortable } from '../../src/shared/portable';
import type { PanelHost } from '../../src/shared/protocol';
import { serve } from '../../src/shared/rpc';
import type { SavedRun } from '../../src/shared/savedRun';
import type { WebviewApi } from '../webviewApi';
import { missing, savedAnswers } from './savedAnswers';

const text = document.getElementById('saved-run')?.textContent ?? '{}';
const run = fromPortable(JSON.parse(text)) as SavedRun;

/** The host's end of the pipe that the explorer believes to lead to VS Code. */
const listeners = new Set<(message: unknown) => void>();
const channel: Channel = {
  post: (message) => window.dispatchEvent(new MessageEvent('message', { data: message })),
  onMessage: (listener) => {
    listeners.add(listener);
    return { dispose: () => listeners.delete(listener) };
  },
};

const nothing = async (): Promise<void> => undefined;
const refuse = async (): Promise<never> => {
  throw missing();
};
const answers: Partial<PanelHost> = {
  ...savedAnswers(run),
  ready: async () => run.state,
  setView: nothing,
  hover: nothing,
  reveal: nothing,
  cancel: nothing,
  log: async ({ level, message }) => {
    if (level === 'error') {
      // eslint-disable-next-line no-console -- a saved file has no other log
      console.error(message);
    }
  },
};
serve<PanelHost>(
  channel,
  new Proxy(answers, {
    get: (target, name) => Reflect.get(target, name) ?? refuse,
    has: () => true,
  }) as PanelHost,
);

let saved: unknown;
const api: WebviewApi = {
  // Not at once: in VS Code an answer never comes before the call has returned.
  postMessage: (message) => queueMicrotask(() => listeners.forEach((listener) => listener(message))),
  getState: () => saved,
  setState: (state) => {
    saved = state;
  },
};
Object.assign(window, { acquireVsCodeApi: () => api });
