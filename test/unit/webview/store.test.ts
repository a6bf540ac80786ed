// The panel's store while host and panel talk past each other: the user's newest choice wins.
import { describe, expect, test } from 'vitest';
import type { PanelHost, PanelState, ViewState } from '../../../src/shared/protocol';
import type { Connection } from '../../../src/shared/rpc';
import { FIRST_VIEW } from '../../../src/host/viewState';
import { ExplorerStore } from '../../../webview/explorer/store';
import { model } from '../host/model';

/** A host that confirms what it hears when it is told to. */
function slowHost() {
  const heard: ViewState[] = [];
  const confirm: (() => void)[] = [];
  const host: Partial<Connection<PanelHost>> = {
    setView: (view) => {
      heard.push(view);
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
    expect(heard.at(-1)).toEqual(store.model.view);
    confirm.forEach((settle) => settle());
    await new Promise((resolve) => setTimeout(resolve));
    store.show(stateOf({ ...view, head: 3 }, 'two'));
    expect(store.model.view).toMatchObject({ view: 'attention', head: 3 });
  });
});
