// What following the selection and the commands do with what is on show, and with documents that take no changes.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type * as vscode from 'vscode';
import { followSelection } from '../../../../src/host/translation/followSelection';
import { TranslationCenter } from '../../../../src/host/translation/translationCenter';
import { tellFailure } from '../../../../src/host/translation/translationHost';
import { answers, configured, edited, fakeVscode, selected, settings, told } from '../training/fakeVscode';
import { model } from '../model';
import { FakeTranslator } from './fakeTranslator';

vi.mock('vscode', async () => (await import('../training/fakeVscode')).fakeVscode);

const TEXT = 'One two.\nThree four.\n';
const FOLLOW = 'translation.followSelection';
const log = {
  warn: vi.fn(),
  error: vi.fn(),
  trace: vi.fn(),
  info: vi.fn(),
} as unknown as vscode.LogOutputChannel;
const position = (offset: number) =>
  offset < 9 ? new fakeVscode.Position(0, offset) : new fakeVscode.Position(1, offset - 9);
const offsetOf = ({ line, character }: { line: number; character: number }) => 9 * line + character;
const range = (start: number, end: number) => new fakeVscode.Range(position(start), position(end));
const A = range(0, 8);
const B = range(9, 20);
const NOTHING = range(3, 3);

/** A document of two lines that is locked: VS Code says that an edit of it has succeeded. */
function lockedEditor() {
  const document = {
    uri: fakeVscode.Uri.file('/a.txt'),
    version: 1,
    eol: 1,
    isUntitled: false,
    isDirty: true,
    languageId: 'plaintext',
    getText: (within = range(0, TEXT.length)) => TEXT.slice(offsetOf(within.start), offsetOf(within.end)),
    offsetAt: offsetOf,
    positionAt: position,
  };
  return { document, selections: [A], edit: vi.fn(async () => true) };
}

let editor: ReturnType<typeof lockedEditor>;
let engine: FakeTranslator;
let center: TranslationCenter;
let following: vscode.Disposable;

beforeEach(() => {
  vi.useFakeTimers();
  editor = lockedEditor();
  Object.assign(fakeVscode.window, { activeTextEditor: editor, visibleTextEditors: [editor] });
  fakeVscode.workspace.textDocuments = [editor.document];
  settings.set(FOLLOW, true);
  told.length = 0;
  engine = new FakeTranslator();
  const inspector = {
    ready: async () => ({
      engine,
      model: { summary: { ...model('encoder-decoder', 4), languages: [{ code: 'de', token: '>>deu<<' }] } },
    }),
  };
  const memory = { get: () => undefined, update: async () => undefined };
  center = new TranslationCenter(inspector as never, {} as never, memory as never, log);
  const view = { visible: true, onDidChangeVisibility: () => ({ dispose: () => undefined }) };
  following = followSelection(center, view, log);
});

afterEach(() => {
  following.dispose();
  center.dispose();
  settings.delete(FOLLOW);
  vi.useRealTimers();
});

async function settled(): Promise<void> {
  await vi.advanceTimersByTimeAsync(1_000);
  await center.session.idle();
}

async function select(...ranges: (typeof A)[]): Promise<void> {
  editor.selections = ranges;
  selected.fire({ textEditor: editor });
  await settled();
}

async function translate(): Promise<void> {
  void center.translateSelection(undefined);
  await settled();
}

const shown = () => center.session.state().sentences.map(({ text }) => text);

test('a command without a selection leaves the translation and says what to do', async () => {
  await select(A);
  await select(NOTHING);
  await translate();
  expect(shown()).toEqual(['ONE TWO.']);
  expect(center.session.state().error).toBeUndefined();
  expect(told).toEqual(['Select some text first. Nothing is selected.']);
});

test('what is shown already is not translated again', async () => {
  await select(A);
  await select(NOTHING);
  await select(A);
  expect(engine.requests).toHaveLength(1);
});

test('a text that gave way to an error is translated when it is selected again', async () => {
  await select(A);
  const { getText } = editor.document;
  editor.document.getText = (within) => `${getText(within)}\0`;
  editor.selections = [B];
  await translate();
  expect(center.session.state()).toMatchObject({ status: 'empty', error: { code: 'badRequest' } });
  editor.document.getText = getText;
  await select(A);
  expect(shown()).toEqual(['ONE TWO.']);
  expect(center.session.state().error).toBeUndefined();
});

test('following shows what is selected, whatever it showed last', async () => {
  await select(A);
  settings.set(FOLLOW, false);
  await select(B);
  await translate();
  expect(shown()).toEqual(['THREE FOUR.']);
  await select(A);
  expect(shown()).toEqual(['THREE FOUR.']);
  settings.set(FOLLOW, true);
  configured.fire({ affectsConfiguration: () => true });
  await settled();
  expect(shown()).toEqual(['ONE TWO.']);
});

test('a document that takes no changes says so, offers a copy, and is written to again once it can be', async () => {
  await select(A);
  expect(center.session.source?.writable).toBe(true);
  answers.push('Copy');
  const copy = vi.spyOn(center, 'copy').mockResolvedValue();
  await tellFailure({ center, log, act: () => undefined }, () => center.replace());
  await settled();
  expect(told).toEqual(['a.txt is read-only. Copy the translation instead.']);
  expect(copy).toHaveBeenCalledOnce();
  expect(center.session.source?.writable).toBe(false);
  await select(B);
  expect(center.session.source?.writable).toBe(false);
  await expect(center.replace()).rejects.toThrow('read-only');
  expect(editor.edit).toHaveBeenCalledOnce();
  await translate();
  expect(center.session.source?.writable).toBe(true);
  await expect(center.replace()).rejects.toThrow('read-only');
  expect(center.session.source?.writable).toBe(false);
  edited.fire({
    document: editor.document,
    contentChanges: [{ rangeOffset: 20, rangeLength: 0, text: 'x' }],
  });
  expect(center.session.source?.writable).toBe(true);
});

test('settings that belong together are taken over at once', async () => {
  await select(A);
  const requests = engine.requests.length;
  const { getConfiguration } = fakeVscode.workspace;
  const written: string[] = [];
  fakeVscode.workspace.getConfiguration = () => ({
    ...getConfiguration(),
    update: async (key, value) => {
      written.push(key);
      settings.set(key, value);
      // As VS Code does, it tells of each one, and the next is written later.
      void center.settingsChanged(true);
      await new Promise((resolve) => setTimeout(resolve, 30));
    },
  });
  const change = { method: 'sample', temperature: 0.5, seed: 7 } as const;
  for (let time = 0; time < 2; time++) {
    const set = center.setDecoding(change);
    await settled();
    await set;
  }
  fakeVscode.workspace.getConfiguration = getConfiguration;
  expect(written).toEqual(Object.keys(change).map((key) => `translation.${key}`));
  expect(engine.requests.slice(requests).map(({ decoding }) => decoding)).toMatchObject([change]);
  Object.keys(change).forEach((key) => settings.delete(`translation.${key}`));
});
