// The run under interventions: the newest list wins, an answer for an older one is dropped, and cancelling shows the model as it was.
import { beforeEach, describe, expect, it } from 'vitest';
import type { InterveneRequest } from '../../../src/shared/comparison';
import type { Intervention } from '../../../src/shared/intervention';
import type { CallOptions, PanelHost, PanelState } from '../../../src/shared/protocol';
import type { Connection } from '../../../src/shared/rpc';
import type { TraceSummary } from '../../../src/shared/trace';
import { Intervened } from '../../../webview/explorer/intervened';
import { ExplorerStore } from '../../../webview/explorer/store';
import { model, trace, view } from './explorerFixture';

interface Asked {
  readonly factor: number;
  readonly signal: AbortSignal | undefined;
  readonly answer: (id: string) => Promise<void>;
  readonly fail: (message: string) => Promise<void>;
}

const gate = (factor: number): Intervention => ({
  kind: 'headGate',
  enabled: true,
  attentions: 'all',
  heads: 'all',
  factor,
});
const state: PanelState = {
  models: [],
  chosen: 'm',
  model,
  backend: undefined,
  trace,
  decoder: { from: 'translation', language: undefined, text: '' },
  view,
  source: '',
  error: undefined,
};

describe('interventions in effect', () => {
  let asked: Asked[] = [];
  let shown: (string | undefined)[] = [];
  let intervened: Intervened;

  beforeEach(() => {
    asked = [];
    shown = [];
    const intervene = ({ interventions }: InterveneRequest, call: CallOptions = {}): Promise<TraceSummary> =>
      new Promise((resolve, reject) => {
        const [first] = interventions;
        asked.push({
          factor: first.kind === 'headGate' ? first.factor : NaN,
          signal: call.signal,
          answer: async (id) => {
            resolve({ ...trace, id, interventions });
            await Promise.resolve();
          },
          fail: async (message) => {
            reject(new Error(message));
            await Promise.resolve();
          },
        });
      });
    const host = {
      intervene,
      setView: () => Promise.resolve(),
    } as Partial<PanelHost> as Connection<PanelHost>;
    const api = { getState: () => undefined, setState: () => undefined, postMessage: () => undefined };
    const store = new ExplorerStore(host, api);
    intervened = new Intervened(
      store,
      (next) => {
        shown.push(next.trace?.id);
        store.show(next);
      },
      () => undefined,
    );
    intervened.take(state);
  });
  const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

  it('shows the changed run, and the unchanged one when nothing is left', async () => {
    intervened.set([gate(0)]);
    expect(intervened.busy).toBe(true);
    await asked[0].answer('u');
    await settle();
    expect(intervened.busy).toBe(false);
    expect(shown.at(-1)).toBe('u');
    expect(intervened.trace?.id).toBe('t');
    intervened.set([]);
    expect(shown.at(-1)).toBe('t');
  });

  it('never shows the answer for an older list', async () => {
    intervened.set([gate(0)]);
    intervened.set([gate(0.5)]);
    expect(asked.map(({ factor }) => factor)).toEqual([0, 0.5]);
    expect(asked[0].signal?.aborted).toBe(true);
    await asked[1].answer('new');
    await settle();
    await asked[0].answer('old');
    await settle();
    expect(shown).not.toContain('old');
    expect(shown.at(-1)).toBe('new');
  });

  it('can be cancelled, says so, and runs again on demand', async () => {
    intervened.set([gate(0)]);
    intervened.cancel('Cancelled.');
    expect(asked[0].signal?.aborted).toBe(true);
    expect(intervened.busy).toBe(false);
    expect(intervened.problem).toBe('Cancelled.');
    await asked[0].answer('late');
    await settle();
    expect(shown).not.toContain('late');
    expect(intervened.problem).toBe('Cancelled.');
    intervened.retry();
    await asked[1].answer('u');
    await settle();
    expect(shown.at(-1)).toBe('u');
    expect(intervened.problem).toBeUndefined();
  });

  it('says why a list does not fit, and leaves the model as it was', async () => {
    intervened.set([gate(0)]);
    await asked[0].fail('No such head.');
    await settle();
    expect(intervened.problem).toBe('No such head.');
    expect(shown.at(-1)).toBe('t');
  });
});
