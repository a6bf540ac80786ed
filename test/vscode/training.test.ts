// Fine-tuning in the editor: the view understands a selection, a training survives its engine, its weights are a model, undo takes them back.
import * as vscode from 'vscode';
import { TrainingLock } from '../../src/host/training/trainingLock';
import { storedId } from '../../src/host/training/tunedId';
import { TRAINING_DEFAULTS } from '../../src/shared/trainingDefaults';
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
} from './explorer';

const PAIRS = [
  'The quantor is open.\tDer Quantor ist offen.',
  'I need a quantor.\tIch brauche einen Quantor.',
  'Close the quantor!\tSchließ den Quantor!',
  'Where is my quantor?\tWo ist mein Quantor?',
  'half a pair\t',
];

/** Running text for a language model, which learns it in seconds where the translator takes minutes on one thread. */
const TEXTS = [
  'The quantor was open all night.',
  'I have never seen a quantor as old as this one.',
  'Please close the quantor before you go to bed.',
  'My mother has lost the key to her quantor.',
];
const SMALL = 'shipped:english-gpt-mini';

/** Reads all lines of a new document. */
async function read(lines: readonly string[]) {
  const api = await activated();
  const editor = await showText(lines.join('\n'));
  const { document } = editor;
  const all = new vscode.Range(new vscode.Position(0, 0), document.lineAt(document.lineCount - 1).range.end);
  await setSelections(editor, [new vscode.Selection(all.start, all.end)]);
  await vscode.commands.executeCommand('transformerExplorer.fineTune');
  const state = api.training.state();
  ok(state.preview, `not understood: ${state.error?.code} ${state.error?.message}`);
  return { api, editor, state, preview: state.preview };
}

async function status(wanted: string): Promise<void> {
  const api = await activated();
  await until(
    wanted,
    () => {
      const { status: now, error } = api.training.state();
      ok(now !== 'failed' || wanted === 'failed', `it failed: ${error?.message}`);
      return now === wanted;
    },
    2 * PATIENCE,
  );
}

/** Another window would find the same files, and say in the same way that it is at work on the training that is shown. */
async function whileAnotherWindowHasIt(work: () => Promise<void>): Promise<void> {
  const { state, storage } = (await activated()).training;
  const release = await new TrainingLock(storage).hold(storedId(state().result?.id ?? ''));
  await work();
  await release();
}

suite('fine-tuning', function () {
  this.timeout(4 * PATIENCE);
  const used = async () => (await activated()).state().chosen;
  suiteTeardown(async () => {
    await configure('model', undefined);
    await closeAll();
  });

  test('shows what it understood of a selection, in the language that its heading says', async () => {
    const { api, state, preview } = await read(['en\tde', ...PAIRS]);
    await until('the view', () => api.training.viewVisible() && api.training.pageReady(), PATIENCE);
    equal(
      [preview.task, preview.layout, preview.language, preview.train, preview.counts.oneSided],
      ['translation', 'tabs', 'de', 4, 1],
    );
    equal([state.status, state.options.steps, state.undoable], ['ready', TRAINING_DEFAULTS.steps, false]);
  });

  test('learns, goes on after a crash, is used as a model, and taken back @once', async () => {
    await configure('model', SMALL);
    const { api, editor, preview } = await read(TEXTS);
    equal(preview.task, 'causal');
    const base = await used();
    equal(base, SMALL);
    const { host } = api.training;
    await host.setOptions({ steps: 4, saveEvery: 1, batch: 1 });
    await host.start();
    await until('the first checkpoint', () => (api.training.state().saved?.step ?? 0) >= 1, 2 * PATIENCE);
    api.training.crashEngine();
    await status('failed');
    equal(api.training.state().error?.code, 'engineCrashed');
    await whileAnotherWindowHasIt(async () => {
      await host.act({ action: 'retry' });
      const told = () => api.training.state().error?.message ?? '';
      await until('the other window', () => told().includes('open in another window'), PATIENCE);
    });
    await host.act({ action: 'retry' });
    await status('done');
    const { points, result } = api.training.state();
    equal(
      points.map(({ step }) => step),
      [1, 2, 3, 4],
    );
    ok(
      (points.at(-1)?.loss ?? Infinity) < points[0].loss,
      `the loss went ${points.map(({ loss }) => loss).join(' ')}`,
    );
    ok(result, 'nothing came of it');
    await until('its use', async () => (await used()) === result.id);
    await select(editor, TEXTS[0]);
    equal((await explore()).model?.id, result.id);
    await host.compare({ id: result.id });
    const beside = await until('the base beside it', () => api.other(), PATIENCE);
    equal([api.state().view.view, beside.trace.decoder[0].text], ['compare', TEXTS[0]]);
    const line = (await api.modelLines()).find(({ model }) => model.id === result.id);
    ok(
      String(line?.item.description).startsWith('fine-tuned from'),
      `described as ${String(line?.item.description)}`,
    );
    await until('what has changed', () => !api.training.state().measuring, 2 * PATIENCE);
    ok(api.training.state().effect, 'nobody knows what has changed');
    await host.undo();
    equal([await used(), api.training.state().undoable], [base, false]);
    equal(
      api.training.state().tuned.map(({ id }) => id),
      [result.id],
    );
  });
});
