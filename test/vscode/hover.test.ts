// Attention Hover: the words and weights of the chosen head, from the explored run or the word's sentence; off unless asked for.
import * as vscode from 'vscode';
import { equal, ok, until } from '../support/assertions';
import {
  activated,
  cardAt,
  closeAll,
  configure,
  explore,
  PATIENCE,
  select,
  showText,
  traceOf,
} from './explorer';

const SENTENCE = 'The animal did not cross the street because it was too tired.';

suite('hover', function () {
  this.timeout(PATIENCE);
  setup(() => configure('hover.enabled', true));
  teardown(async () => {
    await configure('hover.enabled', undefined);
    await closeAll();
  });

  test('shows nothing while it is off', async () => {
    await configure('hover.enabled', undefined);
    await activated();
    equal(await cardAt(await showText(SENTENCE), 'animal'), undefined);
  });

  test('shows what the word attends to and what attends to it, with weights', async () => {
    const api = await activated();
    const editor = await showText(SENTENCE);
    await select(editor, SENTENCE);
    const state = await explore();
    api.setView({ ...state.view, attention: 'encoder.1.self', head: 2, mean: false });
    const card = await until('a card', () => cardAt(editor, 'street'), 30_000);
    ok(card.startsWith('**street** attends to · encoder self, layer 2, head 3; words'), card.slice(0, 200));
    ok(card.includes('is attended by'), card);
    ok(/Entropy \d\.\d\d bits/u.test(card), 'no entropy');
    equal(card.match(/data:image\/svg\+xml/gu)?.length, 2, 'pictures');
    // The first bar is the largest weight of the word's row in the run.
    const trace = traceOf(state);
    const word = trace.encoder[0].words.findIndex(({ label }) => label.includes('street'));
    const { data, columns } = await api.slices.matrix({
      trace: trace.id,
      attention: 'encoder.1.self',
      head: 2,
      batch: 0,
      stage: 'weights',
      unit: 'words',
    });
    const row = [...data.slice(word * columns, (word + 1) * columns)];
    const best = row.indexOf(Math.max(...row));
    const expected = `${trace.encoder[0].words[best].label} ${row[best].toFixed(3)}`;
    ok(
      unescape(card).includes(`![${expected}`),
      `${expected} is not first in ${unescape(card).slice(0, 300)}`,
    );
  });

  test('runs the sentence of a word that was not explored', async () => {
    const api = await activated();
    const editor = await showText(`Nothing here. ${SENTENCE} Nothing there.`);
    const card = await until('a card', () => cardAt(editor, 'animal'), 60_000);
    ok(card.startsWith('**animal** '), card.slice(0, 200));
    ok(!unescape(card).includes('Nothing'), 'the card reaches over the sentence');
    ok(api.modelLoaded(), 'no model');
  });

  test('shows which words of the translation attend to a source word, in cross-attention @once', async () => {
    const api = await activated();
    const editor = await showText(SENTENCE);
    await select(editor, SENTENCE);
    const { view } = await explore();
    api.setView({ ...view, attention: 'decoder.2.cross', head: 0 });
    const card = await until('a card', () => cardAt(editor, 'street'), 30_000);
    ok(!card.includes('attends to'), 'a source word attends to nothing in cross-attention');
    ok(unescape(card).includes("is attended by the decoder's words"), unescape(card).slice(0, 200));
  });

  test('opens the explorer on the word', async () => {
    const editor = await showText(`Other. ${SENTENCE}`);
    const api = await activated();
    const { line, character } = editor.document.positionAt(editor.document.getText().indexOf('animal'));
    const word = { uri: editor.document.uri.toString(), line, character };
    await vscode.commands.executeCommand('transformerExplorer.openWord', word);
    ok(api.panelOpen(), 'the explorer did not open');
    equal(traceOf(api.state()).encoder[0].text, SENTENCE);
  });
});

/** Markdown with its character references resolved. */
function unescape(markdown: string): string {
  return markdown.replace(/&#(\d+);/gu, (_, code: string) => String.fromCharCode(Number(code)));
}
