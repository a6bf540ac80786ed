// Which text is learned from, by what is selected and what is open; and what documents say about their language.
import type * as vscode from 'vscode';
import { describe, expect, test, vi } from 'vitest';
import { languageInName, languageInText } from '../../../../src/host/training/documentLanguage';
import { newName } from '../../../../src/host/training/trainingNames';
import { trainingText } from '../../../../src/host/training/trainingText';

vi.mock('vscode', async () => (await import('./fakeVscode')).fakeVscode);

/** An editor of which lines `[first, last]` are selected. */
function editor(name: string, text: string, ...selected: readonly (readonly [number, number])[]) {
  const lines = text.split('\n');
  const document = {
    uri: { path: `/w/${name}`, toString: () => `file:///w/${name}` },
    getText: (range?: { start: { line: number }; end: { line: number } }) =>
      range ? lines.slice(range.start.line, range.end.line + 1).join('\n') : text,
  };
  const selections = selected.map(([first, last]) => ({ start: { line: first }, end: { line: last } }));
  return { document, selections, viewColumn: 1 } as unknown as vscode.TextEditor;
}

const PAIRS = 'head\tKopf\nmask\tMaske\nkey\tSchlüssel';

describe('what is learned from', () => {
  test('one selection, with the line where it begins', () => {
    const active = editor('notes.md', PAIRS, [1, 2]);
    expect(trainingText(active, [active])).toEqual({
      data: { text: 'mask\tMaske\nkey\tSchlüssel' },
      source: { documents: ['notes.md'], line: 2 },
      places: [{ uri: 'file:///w/notes.md', line: 1 }],
    });
  });

  test('two selections are parallel, in the order in which they were made', () => {
    const active = editor('notes.md', 'a\nb\nx\ny', [2, 3], [0, 1]);
    expect(trainingText(active, [active]).data).toEqual({ text: 'x\ny', second: 'a\nb' });
  });

  test('a selection in each of two editors: the left one is the source', () => {
    const left = editor('a.md', 'one\ntwo', [0, 1]);
    const right = { ...editor('b.md', 'eins\nzwei', [0, 1]), viewColumn: 2 } as vscode.TextEditor;
    const read = trainingText(right, [right, left]);
    expect(read.data).toEqual({ text: 'one\ntwo', second: 'eins\nzwei' });
    expect(read.source.documents).toEqual(['a.md', 'b.md']);
  });

  test('a selection that has both sides needs no other editor', () => {
    const active = editor('a.tsv', PAIRS, [0, 2]);
    const other = editor('b.md', 'eins\nzwei', [0, 1]);
    expect(trainingText(active, [active, other]).data).toEqual({ text: PAIRS });
  });

  test.each(['terms.tsv', 'terms.jsonl', 'terms.txt', 'notes.md'])('all of %s, if it is data', (name) => {
    const active = editor(name, PAIRS, [0, -1]);
    expect(trainingText(active, [active]).data.text).toBe(PAIRS);
  });

  test('two documents with as many lines are parallel', () => {
    const left = editor('terms.en.txt', 'one\ntwo\n');
    const right = { ...editor('terms.de.txt', 'eins\nzwei'), viewColumn: 2 } as vscode.TextEditor;
    expect(trainingText(left, [left, right]).data.second).toBe('eins\nzwei');
    const longer = editor('terms.de.txt', 'eins\nzwei\ndrei');
    expect(trainingText(left, [left, longer]).data.second).toBeUndefined();
  });

  test.each([
    ['no editor', undefined, 'emptyText'],
    ['an empty document', editor('a.txt', ' \n'), 'emptyText'],
    ['a program of which nothing is selected', editor('a.ts', 'const a = 1;\n\tfoo();\nbar();'), 'emptyText'],
    ['three selections', editor('a.txt', 'a\nb\nc', [0, 0], [1, 1], [2, 2]), 'badRequest'],
    ['binary data', editor('a.txt', 'a\0b', [0, 0]), 'badRequest'],
  ])('%s is refused', (_, active, code) => {
    expect(() => trainingText(active, active ? [active] : [])).toThrow(expect.objectContaining({ code }));
  });
});

describe('the language of the targets', () => {
  const languages = ['de', 'fr', 'zh', 'it'].map((code) => ({ code }));
  test.each([
    ['terms.de.tsv', 'de'],
    ['terms_FR.txt', 'fr'],
    ['terms.de-AT.tsv', 'de'],
    ['en-de.tsv', 'de'],
    ['terms.en-zh.jsonl', 'zh'],
    ['it.tsv', undefined],
    ['make-it.tsv', undefined],
    ['terms.es.tsv', undefined],
    ['terms.tsv', undefined],
    ['de', undefined],
  ])('%s: %s', (name, code) => expect(languageInName(name, languages)).toBe(code));

  test.each([
    ['en\tde\nhead\tKopf', 'de', 'head\tKopf'],
    ['English\tFrench\r\nhead\ttête', 'fr', 'head\ttête'],
    ['\uFEFFEnglish\tDeutsch\nhead\tKopf', 'de', 'head\tKopf'],
    ['en\tde', 'de', ''],
    ['head\tKopf\nmask\tMaske', undefined, 'head\tKopf\nmask\tMaske'],
    ['{"translation": {"en": "head", "de": "Kopf"}}', 'de', '{"translation": {"en": "head", "de": "Kopf"}}'],
    ['{"translation": ', undefined, '{"translation": '],
    ['', undefined, ''],
  ])('%j says %s', (text, language, rest) =>
    expect(languageInText(text, languages)).toEqual({ language, text: rest, skipped: text === rest ? 0 : 1 }),
  );
});

test('a new training is called by its model and document, and like no other', () => {
  expect(newName('base', 'terms.de.tsv', [])).toBe('base + terms.de');
  expect(newName('base', 'terms.de.tsv', ['base + terms.de', 'base + terms.de 2'])).toBe('base + terms.de 3');
});
