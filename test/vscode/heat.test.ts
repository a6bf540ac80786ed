// Heat: the document's words are coloured by the attention of the word at the cursor, from the captured run, until the text changes.
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../src/host/extensionApi';
import type { PanelState } from '../../src/shared/protocol';
import { equal, ok, until } from '../support/assertions';
import {
  activated,
  closeAll,
  configure,
  explore,
  PATIENCE,
  select,
  setSelections,
  showText,
  traceOf,
} from './explorer';

const SENTENCE = 'The animal did not cross the street because it was too tired.';
const OTHER = 'A black cat sleeps on the red sofa.';

suite('heat', function () {
  this.timeout(PATIENCE);
  teardown(async () => {
    const api = await activated();
    api.setView({ ...api.state().view, heat: false, follow: true });
    await configure('heat.threshold', undefined);
    await closeAll();
  });

  test('turned on with nothing explored, runs the sentence at the cursor once, without the panel', async () => {
    const api = await activated();
    const editor = await showText(`Nothing here. ${SENTENCE} Nothing there.`);
    equal(api.heat().status.text, '', 'status bar while it is off');
    await placeCursor(editor, 'animal');
    await toggle();
    await until('animal', () => api.heat().status.text === 'heat: animal');
    equal(traceOf(api.state()).encoder[0].text, SENTENCE);
    equal(api.panelOpen(), false, 'panel');
    equal(api.heat().status.text, 'heat: animal');
    ok(api.heat().status.tooltip.includes('Heat: what **animal** attends to'), api.heat().status.tooltip);
    await expectRow(api, editor, 'animal');
    await toggle();
    equal(api.heat().words.length, 0, 'coloured words once it is off');
    equal(api.heat().status.text, '', 'status bar once it is off');
  });

  test('says how much goes to tokens that are no text, such as </s> @once', async () => {
    const { api, editor } = await explored(SENTENCE);
    await placeCursor(editor, 'it');
    await until('it', () => api.heat().status.text === 'heat: it');
    const trace = traceOf(api.state());
    const { words } = trace.encoder[0];
    const { data, columns } = await api.slices.matrix({
      trace: trace.id,
      attention: 'encoder.1.self',
      head: 'mean',
      batch: 0,
      stage: 'weights',
      unit: 'words',
    });
    const row = words.findIndex(({ label }) => label.trim() === 'it');
    const special = words.reduce(
      (sum, { start }, index) => (start < 0 ? sum + data[row * columns + index] : sum),
      0,
    );
    ok(special > 0.01, 'the mean of a layer gives nothing to special tokens');
    ok(unescaped(api.heat().status.tooltip).includes(special.toFixed(3)), api.heat().status.tooltip);
  });

  test('follows the cursor, from word to word of the same run', async () => {
    const { api, editor } = await explored(SENTENCE);
    const run = traceOf(api.state()).id;
    const times: number[] = [];
    for (const word of ['street', 'it', 'tired', 'cross', 'because', 'animal', 'street', 'it']) {
      await placeCursor(editor, word);
      await until(`the heat of ${word}`, () => api.heat().status.text === `heat: ${word}`);
      times.push(api.heat().ms);
      await expectRow(api, editor, word);
    }
    equal(traceOf(api.state()).id, run, 'run');
    times.sort((a, b) => a - b);
    console.log(
      `heat after a cursor move: median ${times[times.length >> 1].toFixed(2)} ms of the extension host's time`,
    );
  });

  test('the cursor right behind a word belongs to it; outside the text nothing is coloured @once', async () => {
    const { api, editor } = await explored(SENTENCE, `${SENTENCE}\n\n${OTHER}`);
    const end = editor.document.positionAt(SENTENCE.indexOf(' street') + ' street'.length);
    await setSelections(editor, [new vscode.Selection(end, end)]);
    await until('street', () => api.heat().status.text === 'heat: street');
    await placeCursor(editor, 'sofa');
    await until('no word', () => api.heat().status.text === 'heat: no word');
    equal(api.heat().words.length, 0, 'coloured words');
    ok(api.heat().status.tooltip.includes('Put the cursor into a word'), api.heat().status.tooltip);
  });

  test('shows the chosen head, and the mean of the layer @once', async () => {
    const { api, editor } = await explored(SENTENCE);
    await placeCursor(editor, 'it');
    await until('it', () => api.heat().status.text === 'heat: it');
    for (const look of [{ head: 0 }, { head: 3 }, { head: 0, mean: true }]) {
      api.setView({ ...api.state().view, attention: 'encoder.1.self', mean: false, ...look });
      const name = 'mean' in look ? 'mean of' : `head ${look.head + 1};`;
      await until(name, () => unescaped(api.heat().status.tooltip).includes(`layer 2, ${name}`));
      await expectRow(api, editor, 'it');
    }
  });

  test('is cleared when the text changes, and comes back when the change is undone', async () => {
    const { api, editor } = await explored(SENTENCE);
    await placeCursor(editor, 'street');
    await until('street', () => api.heat().status.text === 'heat: street');
    ok(api.heat().words.length > 0, 'nothing is coloured');
    await editor.edit((edit) => edit.insert(editor.document.positionAt(SENTENCE.indexOf('animal')), 'big '));
    equal(api.heat().words.length, 0, 'coloured words after an edit');
    await until('the reason', () => api.heat().status.tooltip.includes('has been changed'));
    await vscode.commands.executeCommand('undo');
    await placeCursor(editor, 'street');
    await until('street again', () => api.heat().status.text === 'heat: street');
  });

  test('an edit before the text moves the heat with its words @once', async () => {
    const { api, editor } = await explored(SENTENCE);
    await placeCursor(editor, 'street');
    await until('street', () => api.heat().status.text === 'heat: street');
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), 'Before it.\n'));
    await placeCursor(editor, 'street');
    await until('street', () => api.heat().status.text === 'heat: street');
    await expectRow(api, editor, 'street');
  });

  test('another run takes the place of the one before @once', async () => {
    const { api, editor } = await explored(SENTENCE, `${SENTENCE}\n\n${OTHER}`);
    await placeCursor(editor, 'street');
    await until('street', () => api.heat().status.text === 'heat: street');
    await select(editor, OTHER);
    await explore();
    await placeCursor(editor, 'sofa');
    await until('sofa', () => api.heat().status.text === 'heat: sofa');
    await expectRow(api, editor, 'sofa');
    ok(
      api.heat().words.every(({ range }) => range.start.line === 2),
      'the first sentence is still coloured',
    );
  });

  test('of several selections, colours the one the cursor is in @once', async () => {
    const { api, editor } = await explored([SENTENCE, OTHER], `${SENTENCE}\n\n${OTHER}`);
    await placeCursor(editor, 'sofa');
    await until('sofa', () => api.heat().status.text === 'heat: sofa');
    await expectRow(api, editor, 'sofa', 1);
    await placeCursor(editor, 'animal');
    await until('animal', () => api.heat().status.text === 'heat: animal');
    await expectRow(api, editor, 'animal', 0);
    ok(
      api.heat().words.every(({ range }) => range.start.line === 0),
      'colours reach into the other selection',
    );
  });

  test('in cross-attention a source word has nothing to colour while the decoder reads no document @once', async () => {
    const { api, editor } = await explored(SENTENCE);
    api.setView({ ...api.state().view, attention: 'decoder.1.cross', head: 0, mean: false });
    await placeCursor(editor, 'street');
    await until('the word', () => api.heat().status.tooltip.includes('which words attend to **street**'));
    equal(api.heat().words.length, 0, 'coloured words');
    ok(unescaped(api.heat().status.tooltip).includes('nothing to colour'), api.heat().status.tooltip);
  });

  test('in cross-attention the words of a second selection colour the source, and are coloured by it @once', async () => {
    const api = await activated();
    const target = 'Das Tier war zu müde.';
    const editor = await showText(`${SENTENCE}\n\n${target}`);
    await select(editor, SENTENCE, target);
    const { view } = await explore('exploreWithDecoderInput');
    api.setView({ ...view, heat: true, follow: false, attention: 'decoder.1.cross', mean: true });
    await placeCursor(editor, 'Tier');
    await until('Tier', () => api.heat().status.text === 'heat: Tier' && api.heat().words.length > 0);
    ok(
      api.heat().words.every(({ range }) => range.start.line === 0),
      'a target word colours the source',
    );
    await placeCursor(editor, 'animal');
    await until('animal', () => api.heat().status.text === 'heat: animal' && api.heat().words.length > 0);
    ok(
      api.heat().words.every(({ range }) => range.start.line === 2),
      'a source word colours the target',
    );
  });

  test('the threshold decides what is coloured @once', async () => {
    const { api, editor } = await explored(SENTENCE);
    await placeCursor(editor, 'it');
    await until('it', () => api.heat().status.text === 'heat: it');
    await configure('heat.threshold', 0.2);
    await until('the new threshold', () => api.heat().status.tooltip.includes('Words below 0.2'));
    await expectRow(api, editor, 'it', 0, 0.2);
  });

  test('is kept for the word of a hover card, until the cursor moves', async () => {
    const { api, editor } = await explored(SENTENCE);
    api.setView({ ...api.state().view, heat: false });
    await placeCursor(editor, 'it');
    const at = editor.document.positionAt(SENTENCE.indexOf('street'));
    const word = { uri: editor.document.uri.toString(), line: at.line, character: at.character };
    await vscode.commands.executeCommand('transformerExplorer.keepHeat', word);
    await until('street', () => api.heat().status.text === 'heat: street');
    await expectRow(api, editor, 'street');
    await placeCursor(editor, 'tired');
    await until('tired', () => api.heat().status.text === 'heat: tired');
  });
});

async function toggle(): Promise<void> {
  await vscode.commands.executeCommand('transformerExplorer.toggleHeat');
}

/** A document with these texts explored, and heat on. */
async function explored(
  texts: string | readonly string[],
  content = SENTENCE,
): Promise<{ readonly api: ExtensionApi; readonly editor: vscode.TextEditor }> {
  const api = await activated();
  const editor = await showText(content);
  await select(editor, ...[texts].flat());
  const { view }: PanelState = await explore();
  // The panel is not told of this view: following the cursor, it would bring its own.
  api.setView({ ...view, heat: true, follow: false, attention: 'encoder.1.self', mean: true });
  return { api, editor };
}

function placeCursor(editor: vscode.TextEditor, text: string): Promise<void> {
  const match = new RegExp(`\\b${text}\\b`, 'u').exec(editor.document.getText());
  ok(match, `'${text}' is not in the document`);
  const position = editor.document.positionAt(match.index + 1);
  return setSelections(editor, [new vscode.Selection(position, position)]);
}

/** Fails unless exactly those words are coloured whose weight, in the word's row of the engine's matrix, reaches the threshold. */
async function expectRow(
  api: ExtensionApi,
  editor: vscode.TextEditor,
  word: string,
  batch = 0,
  threshold = 0.01,
): Promise<void> {
  const { view } = api.state();
  const trace = traceOf(api.state());
  const { words } = trace.encoder[batch];
  const coloured = api.heat().words;
  const { data, columns } = await api.slices.matrix({
    trace: trace.id,
    attention: view.attention,
    head: view.mean ? 'mean' : view.head,
    batch,
    stage: 'weights',
    unit: 'words',
  });
  const row = words.findIndex(({ label }) => label.trim() === word);
  ok(row >= 0, `'${word}' is no word of the run`);
  const expected = words.flatMap(({ start }, index) => {
    const weight = data[row * columns + index];
    return start >= 0 && weight >= threshold ? [{ label: words[index].label.trim(), weight }] : [];
  });
  equal(
    coloured.map(({ label, weight }) => ({ label: label.trim(), weight })),
    expected,
    `heat of ${word}`,
  );
  for (const { label, range } of coloured) {
    equal(editor.document.getText(range), label.trim(), 'text of the coloured range');
  }
}

/** Markdown with its character references resolved. */
function unescaped(markdown: string): string {
  return markdown.replace(/&#(\d+);/gu, (_, code: string) => String.fromCharCode(Number(code)));
}
