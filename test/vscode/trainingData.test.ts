// What can be learned from, as it is selected: two selections, two editors, JSON lines, labels, running text; and base against tuned model in Compare.
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../src/host/extensionApi';
import type { TrainingPreview } from '../../src/shared/training';
import { equal, ok, until } from '../support/assertions';
import {
  activated,
  cardAt,
  closeAll,
  configure,
  PATIENCE,
  setSelections,
  showText,
  traceOf,
} from './explorer';

const LABELLED = ['good\tI like it.', 'bad\tIt is broken.', 'good\tIt works well.', 'bad\tI hate it.'];
const ENGLISH = ['The quantor is open.', 'I need a quantor.', 'Where is it?'];
const GERMAN = ['Der Quantor ist offen.', 'Ich brauche einen Quantor.', 'Wo ist er?'];
const GPT = 'shipped:english-gpt-mini';
const BERT = 'shipped:english-bert-mini';

let documents = 0;

/** A new document whose name says its language, with these ranges of lines `[first, last]` selected; all where none is given. */
async function selected(
  lines: readonly string[],
  ranges: readonly (readonly [number, number])[] = [[0, lines.length - 1]],
  { name = 'data.de.txt', column = vscode.ViewColumn.One } = {},
): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  ok(folder, 'no workspace');
  const uri = vscode.Uri.joinPath(folder, `${++documents}-${name}`).with({ scheme: 'untitled' });
  const editor = await vscode.window.showTextDocument(uri, { viewColumn: column });
  await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), lines.join('\n')));
  await setSelections(
    editor,
    ranges.map(([first, last]) => new vscode.Selection(first, 0, last, lines[last].length)),
  );
}

suite('training data', function () {
  this.timeout(4 * PATIENCE);
  let api: ExtensionApi;
  suiteSetup(async () => {
    api = await activated();
  });
  teardown(closeAll);
  suiteTeardown(() => configure('model', undefined));

  /** Runs the command, and says what was understood. */
  async function understood(): Promise<TrainingPreview> {
    await vscode.commands.executeCommand('transformerExplorer.fineTune');
    const { preview, error } = api.training.state();
    ok(preview && !error, `not understood: ${error?.code} ${error?.message}`);
    return preview;
  }

  const facts = ({ task, layout, train, language, examples }: TrainingPreview) => [
    task,
    layout,
    train,
    language,
    examples[0].source,
    examples[0].target,
  ];
  const pairs = (layout: string) => ['translation', layout, 3, 'de', ENGLISH[0], GERMAN[0]];

  test('two selections are source and target', async () => {
    await selected(
      [...ENGLISH, '', ...GERMAN],
      [
        [0, 2],
        [4, 6],
      ],
    );
    equal(facts(await understood()), pairs('parallel'));
  });

  test('so are selections in two editors, the left one first', async () => {
    await selected(ENGLISH, undefined, { name: 'left.en.txt' });
    await selected(GERMAN, undefined, { name: 'right.de.txt', column: vscode.ViewColumn.Two });
    equal(facts(await understood()), pairs('parallel'));
    equal(api.training.state().source?.documents.length, 2);
  });

  test('JSON lines name the language of their targets @once', async () => {
    const lines = ENGLISH.map((en, index) => JSON.stringify({ translation: { en, de: GERMAN[index] } }));
    await selected(lines, undefined, { name: 'data.txt' });
    equal(facts(await understood()), pairs('jsonl'));
  });

  test('a heading is no example, and lines keep the numbers of their document @once', async () => {
    const lines = ['', 'en\tde', `${ENGLISH[0]}\t${GERMAN[0]}`, 'half\t'];
    await selected(lines, [[1, 3]], { name: 'data.txt' });
    const { train, counts, skipped } = await understood();
    equal([train, counts, skipped[0].line + api.training.state().firstLine], [1, { oneSided: 1 }, 4]);
  });

  test('a model that does not translate refuses two texts, doubts pairs, and reads the rest @once', async () => {
    await configure('model', GPT);
    await selected(
      [...ENGLISH, '', ...GERMAN],
      [
        [0, 2],
        [4, 6],
      ],
    );
    await vscode.commands.executeCommand('transformerExplorer.fineTune');
    ok(api.training.state().error?.message.includes('does not translate'), 'it took two texts');
    await selected(ENGLISH.map((text, index) => `${text}\t${GERMAN[index]}`));
    equal((await understood()).task, 'causal');
    ok(api.training.state().note?.includes('look like pairs'), String(api.training.state().note));
    await selected(ENGLISH);
    equal((await understood()).layout, 'plain');
    equal(api.training.state().note, undefined);
  });

  test('labels are learned by a model with gaps; it says them of a text, and is compared with its base @once', async () => {
    await configure('model', BERT);
    await selected(ENGLISH);
    equal((await understood()).task, 'masked');
    await selected(LABELLED);
    const { task, labels } = await understood();
    equal([task, labels], ['classification', ['good', 'bad']]);
    const { host } = api.training;
    await host.setOptions({ steps: 1, batch: 1 });
    await host.start();
    const result = await until(
      'the end',
      () => {
        const { status, error, measuring, result: made } = api.training.state();
        ok(status !== 'failed', `it failed: ${error?.message}`);
        return status === 'done' && !measuring && made;
      },
      2 * PATIENCE,
    );
    try {
      await host.compare({ id: result.id });
      const other = await until('the second run', () => api.other(), PATIENCE);
      equal(api.state().view.view, 'compare');
      equal([api.state().model?.id, other.trace.encoder[0].text], [result.id, LABELLED.join('\n')]);
      equal(api.state().model?.labels, ['good', 'bad']);
      const { scores } = await api.slices.labels({ trace: traceOf(api.state()).id, batch: 0 });
      const together = scores.reduce((sum, { probability }) => sum + probability, 0);
      ok(
        scores.length === 2 && Math.abs(together - 1) < 1e-5,
        `${JSON.stringify(scores)} add up to ${together}`,
      );
      await configure('hover.enabled', true);
      const editor = await showText(`${ENGLISH[2]} It is old.`);
      const card = await until('a card', () => cardAt(editor, 'old'), PATIENCE);
      ok(/^\*\*(good|bad)\*\* 0\.\d+ · (good|bad) 0\.\d+ · label of/.test(card), card.slice(0, 120));
    } finally {
      await host.undo();
    }
  });
});
