// The status bar item names the model in use, and says of what is loaded only what is true of that one.
import { beforeEach, expect, test, vi } from 'vitest';
import type { Exploration } from '../../../src/host/exploration';
import type { Inspector } from '../../../src/host/inspector';
import type { Models } from '../../../src/host/models';
import { model } from './model';

const item = { text: '', tooltip: '', show: () => undefined, dispose: () => undefined };

vi.mock('vscode', () => ({
  l10n: {
    t: (text: string, ...values: unknown[]) => text.replace(/\{(\d)\}/gu, (_, i) => String(values[+i])),
  },
  window: { createStatusBarItem: () => item },
  StatusBarAlignment: { Left: 1 },
  ThemeColor: class {},
}));
const { StatusBar } = await import('../../../src/host/statusBar');

const nothing = () => ({ dispose: () => undefined });
const FIRST = { id: 'shipped:first', name: 'first' };
const TUNED = { id: 'tuned:1', name: 'first + terms' };

let current: { readonly id: string; readonly name: string };
let inspector: Partial<Inspector>;

const loadedAs = (choice: typeof FIRST): Pick<Inspector, 'loaded'> => ({
  loaded: {
    summary: { ...model('encoder-only'), ...choice, notes: [] },
    backend: { backend: 'wasm', label: 'WASM', reason: 'There is nothing else.', fallback: undefined },
  },
});

function shown(): string {
  const bar = new StatusBar(
    { onDidChange: nothing, isLoading: false, problem: undefined, ...inspector } as unknown as Inspector,
    { current: () => current } as unknown as Models,
    { onDidChange: nothing, view: { attention: 'encoder.0.self', head: 0 } } as unknown as Exploration,
  );
  return bar.text;
}

beforeEach(() => {
  current = FIRST;
  inspector = {};
});

test('before anything is loaded, it has the name of the model in use', () => {
  expect(shown()).toBe('$(type-hierarchy) first');
  expect(item.tooltip).toContain('with the first exploration');
});

test('of a model that is loaded, it says shape, head and device', () => {
  inspector = loadedAs(FIRST);
  expect(shown()).toBe('$(type-hierarchy) first 3×8 · Layer 1, head 1 · WASM');
});

test('once another model was chosen, or made by fine-tuning, it names that one, with nothing of the one of before', () => {
  inspector = loadedAs(FIRST);
  current = TUNED;
  expect(shown()).toBe('$(type-hierarchy) first + terms');
  expect(item.tooltip).toContain('with the first exploration');
  inspector = loadedAs(TUNED);
  expect(shown()).toContain('first + terms 3×8');
});

test('a model that was renamed has its new name', () => {
  inspector = loadedAs(TUNED);
  current = { ...TUNED, name: 'my terms' };
  expect(shown()).toContain('my terms 3×8');
});
