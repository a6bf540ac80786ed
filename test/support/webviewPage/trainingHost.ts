// A host for the Fine-tuning view in a page of its own: answers with made-up states, and notes every call.
import { connect, serve } from '../../../src/shared/rpc';
import type { TrainingHost, TrainingPage, TrainingState } from '../../../src/shared/trainingPage';
import * as fixture from '../../unit/webview/trainingFixture';
import { fakeVscode } from './fakeVscode';

const channel = fakeVscode();
const page = connect<TrainingPage>(channel);
const calls: { readonly method: string; readonly request: unknown }[] = [];
let state: TrainingState = fixture.empty;

async function set(change: Partial<TrainingState>): Promise<void> {
  state = { ...state, ...change };
  await page.show(state);
}

const reactions: Partial<TrainingHost> = {
  ready: async () => state,
  readSelection: () => set(fixture.ready),
  setOptions: (change) => set({ options: { ...state.options, ...change } }),
  resetOptions: () => set({ options: fixture.empty.options }),
  start: async () => {
    await set({ status: 'starting' });
    await set({ ...fixture.running, options: state.options });
  },
  pause: () => set({ status: 'paused' }),
  resume: () => set({ status: 'running' }),
  stop: () => set(fixture.done),
  undo: () => set({ undoable: false, tuned: state.tuned.map((each) => ({ ...each, inUse: false })) }),
  use: ({ id }) => set({ tuned: state.tuned.map((each) => ({ ...each, inUse: each.id === id })) }),
  showTraining: ({ id }) =>
    set({ ...fixture.done, result: state.tuned.find((each) => each.id === id), tuned: state.tuned }),
  delete: ({ id }) => set({ tuned: state.tuned.filter((each) => each.id !== id) }),
};

/** Every method is served: those that change nothing are only noted. */
const host = new Proxy({} as TrainingHost, {
  get: (_target, name) => async (request: unknown) => {
    calls.push({ method: String(name), request });
    return (reactions[name as keyof TrainingHost] as ((request: unknown) => Promise<unknown>) | undefined)?.(
      request,
    );
  },
  has: () => true,
  getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true }),
});
serve<TrainingHost>(channel, host);

Object.assign(window, {
  test: {
    calls,
    set,
    fixture,
    update: (change: Parameters<TrainingPage['update']>[0]) => page.update(change),
  },
});
