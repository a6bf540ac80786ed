// The panel's store while host and panel talk past each other: the user's newest choice wins.
import { describe, expect, test } from 'vitest';
import type { ViewChange } from '../../../src/shared/viewChange';
import { withChange } from '../../../src/shared/viewChange';
import type { PanelHost, PanelState, ViewState } from '../../../src/shared/protocol';
import type { Connection } from '../../../src/shared/rpc';
import { FIRST_VIEW } from '../../../src/host/viewState';
import { ExplorerStore } from '../../../webview/explorer/store';
import { model } from '../host/model';

/** A host that confirms what it hears when it is told to. */
function slowHost() {
  const heard: ViewChange[] = [];
  const confirm: (() => void)[] = [];
  const host: Partial<Connection<PanelHost>> = {
    setView: (change) => {
      heard.push(change);
      return new Promise((resolve) => confirm.push(() => resolve()));
    },
  };
  return { host: host as Connection<PanelHost>, heard, confirm };
}

function stateOf(view: ViewState, trace: string): PanelState {
  const summary = model('encoder-decoder');
  return {
    models: [],
    chosen: summary.id,
    model: summary,
    backend: undefined,
    trace: {
      id: trace,
      model: summary.id,
      encoder: [],
      decoder: [],
      timing: { tokenize: 0, decode: 0, run: 0 },
    },
    decoder: { from: 'translation', language: undefined, text: '' },
    view,
    source: '',
    error: undefined,
  };
}

const view: ViewState = { ...FIRST_VIEW, attention: 'encoder.0.self' };
const api = { postMessage: () => undefined, getState: () => undefined, setState: () => undefined };

describe('a state that was on its way while the user chose', () => {
  test('does not undo the choice, and the host learns what is shown', async () => {
    const { host, heard, confirm } = slowHost();
    const store = new ExplorerStore(host, api);
    store.show(stateOf(view, 'one'));
    store.patchView({ view: 'masks', pinned: { query: 0, key: 0 } });
    store.show(stateOf(view, 'two'));
    expect(store.model.view).toMatchObject({ view: 'masks', pinned: undefined });
    expect(heard.at(-1)?.view).toEqual(store.model.view);
    confirm.forEach((settle) => settle());
    await new Promise((resolve) => setTimeout(resolve));
    store.show(stateOf({ ...view, head: 3 }, 'two'));
    expect(store.model.view).toMatchObject({ view: 'attention', head: 3 });
  });

  test('leaves what the host changed meanwhile, at both ends', () => {
    const { host, heard } = slowHost();
    const store = new ExplorerStore(host, api);
    store.show(stateOf(view, 'one'));
    store.patchView({ head: 3 });
    // A command turned heat on before the host heard of the head.
    const atHost = { ...view, heat: true };
    store.show(stateOf(atHost, 'one'));
    expect(store.model.view).toMatchObject({ head: 3, heat: true });
    const [first] = heard;
    expect(first.changed).toEqual(['head']);
    expect(withChange(atHost, first)).toEqual({ ...view, head: 3, heat: true });
  });

  test('a pin that is released is released, although messages carry nothing that is undefined', () => {
    const { host, heard } = slowHost();
    const store = new ExplorerStore(host, api);
    const pinned = { ...view, pinned: { query: 0, key: 0 } };
    store.set({ view: pinned });
    store.patchView({ pinned: undefined });
    const sent = JSON.parse(JSON.stringify(heard[0])) as ViewChange;
    expect(withChange(pinned, sent).pinned).toBeUndefined();
  });
});
