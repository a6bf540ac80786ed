// Models that the user chooses: a folder or one file of it, of the families with a single stack; hover and tokens on their side.
import * as vscode from 'vscode';
import { equal, extensionUnderTest, ok, until } from '../support/assertions';
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

const SENTENCE = 'The small dog barks at the big cat.';

/** A file or folder of the project, chosen as model; undefined where this host cannot list the extension's folder. */
async function chooseRecorded(path: string): Promise<vscode.Uri | undefined> {
  const folder = vscode.Uri.joinPath(extensionUnderTest().extensionUri, 'test/golden');
  const listed = await vscode.workspace.fs.readDirectory(folder).then(
    () => true,
    () => false,
  );
  if (!listed) {
    return undefined;
  }
  const uri = vscode.Uri.joinPath(folder, path);
  await configure('model', uri.toString());
  return uri;
}

suite('models', function () {
  this.timeout(PATIENCE);
  teardown(async () => {
    await configure('hover.enabled', undefined);
    await configure('model', undefined);
    await closeAll();
  });

  for (const [id, family, masked] of [
    ['shipped:english-gpt-mini', 'decoder-only', true],
    ['shipped:english-bert-mini', 'encoder-only', false],
  ] as const) {
    test(`${id} reads the selection @once`, async () => {
      await configure('model', id);
      const editor = await showText(SENTENCE);
      await select(editor, SENTENCE);
      const api = await activated();
      const state = await explore();
      const trace = traceOf(state);
      equal(state.model?.family, family);
      const [sequence] = [...trace.encoder, ...trace.decoder];
      const words = sequence.tokens.flatMap(({ start, end }) =>
        start < 0 ? [] : [SENTENCE.slice(start, end)],
      );
      equal(words.join('').replace(/ /g, ''), SENTENCE.replace(/ /g, ''), 'what the tokens cover');
      const masks = await api.slices.masks({ trace: trace.id, attention: state.view.attention, batch: 0 });
      equal((masks.causal?.removed ?? 0) > 0, masked, 'whether what lies ahead is masked');
    });
  }

  test('an encoder alone reads the selection and has no translation @once', async function () {
    const uri = await chooseRecorded('layouts/bert');
    if (!uri) {
      this.skip();
    }
    const editor = await showText(SENTENCE);
    await select(editor, SENTENCE);
    const api = await activated();
    const state = await explore();
    const trace = traceOf(state);
    equal([state.model?.family, trace.encoder.length, trace.decoder.length], ['encoder-only', 1, 0]);
    equal(
      state.models.map(({ id }) => id),
      [
        'shipped:translate-en-de-fr-zh',
        'shipped:english-gpt-mini',
        'shipped:english-bert-mini',
        uri.toString(),
      ],
    );
    const [first] = trace.encoder[0].tokens.filter(({ start }) => start >= 0);
    equal(api.rangeOf('encoder', 0, first.start, first.end)?.start.character, first.start);
    await configure('hover.enabled', true);
    const card = await until('a card', () => cardAt(editor, 'dog'), 30_000);
    ok(card.startsWith('**dog** attends to · encoder self'), card.slice(0, 120));
  });

  test('a decoder alone reads the selection under a causal mask, chosen by its file @once', async function () {
    if (!(await chooseRecorded('layouts/gpt2/onnx/model.onnx'))) {
      this.skip();
    }
    const editor = await showText(SENTENCE);
    await select(editor, SENTENCE);
    const api = await activated();
    const state = await explore();
    const trace = traceOf(state);
    equal([state.model?.family, trace.encoder.length, trace.decoder.length], ['decoder-only', 0, 1]);
    const { attention } = state.view;
    const masks = await api.slices.masks({ trace: trace.id, attention, batch: 0 });
    const count = trace.decoder[0].tokens.length;
    equal(masks.causal?.removed, (count * (count - 1)) / 2, 'cells that the causal mask removes');
    await configure('hover.enabled', true);
    const card = await until('a card', () => cardAt(editor, 'dog'), 30_000);
    ok(card.startsWith('**dog** attends to · decoder self'), card.slice(0, 120));
  });
});
