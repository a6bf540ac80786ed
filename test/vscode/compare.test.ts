// Compare: the command runs what is selected beside the explored text; a second model comes and goes, also over a crash of the engine.
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../src/host/extensionApi';
import type { HeadContrastRequest, OtherRun } from '../../src/shared/contrast';
import type { TraceSummary } from '../../src/shared/trace';
import { equal, ok, until } from '../support/assertions';
import { activated, closeAll, explore, PATIENCE, select, setSelections, showText, traceOf } from './explorer';

const TIRED = 'The animal did not cross the street because it was too tired.';
const WIDE = 'The animal did not cross the street because it was too wide.';
const ATTENTION = 'encoder.1.self';
const BERT = 'shipped:english-bert-mini';

suite('compare', function () {
  this.timeout(PATIENCE);
  let api: ExtensionApi;
  let trace: TraceSummary;
  let editor: vscode.TextEditor;

  setup(async () => {
    api = await activated();
    editor = await showText(`${TIRED}\n\n${WIDE}\n`);
    await select(editor, TIRED);
    trace = traceOf(await explore());
  });
  teardown(closeAll);

  const heads = ({ trace: { id }, batch }: OtherRun, otherHead: number | 'mean'): HeadContrastRequest => ({
    ...{ trace: trace.id, batch: 0, other: id, otherBatch: batch },
    ...{ unit: 'words', layersFrom: 'bottom' },
    ...{ attention: ATTENTION, head: otherHead, otherAttention: ATTENTION, otherHead },
  });
  const weightsOf = (of: string, batch: number) =>
    api.slices.matrix({
      ...{ trace: of, attention: ATTENTION, head: 2, batch },
      ...{ stage: 'weights', unit: 'words' },
    });

  test('the command compares what is selected with the explored text', async () => {
    await select(editor, WIDE);
    await vscode.commands.executeCommand('transformerExplorer.compareSelection');
    const other = await until('the second run', () => {
      const run = api.other();
      return run?.trace.encoder[0]?.text === WIDE && run;
    });
    await until('the view', () => api.state().view.view === 'compare');
    equal(traceOf(api.state()).id, trace.id, 'the explored run');
    const { queries, keys, difference } = await api.slices.contrastHeads(heads(other, 2));
    const [a, b] = [await weightsOf(trace.id, 0), await weightsOf(other.trace.id, other.batch)];
    const words = trace.encoder[0].words.length;
    equal([queries.length, keys.length].join(), [words, words].join(), 'items');
    let compared = 0;
    queries.forEach((query, row) =>
      keys.forEach((key, column) => {
        if (query.same && key.same) {
          // Both sentences have as many words, so that each stands at its own place.
          const i = row * words + column;
          ok(Math.abs(difference.data[i] - (a.data[i] - b.data[i])) < 1e-6, `cell ${row}, ${column}`);
          compared++;
        }
      }),
    );
    equal(compared, (words - 1) ** 2, 'compared cells');
  });

  test('without a selection it asks for a text', async () => {
    await select(editor, WIDE);
    await setSelections(editor, [new vscode.Selection(editor.selection.active, editor.selection.active)]);
    let ended = false;
    const command = vscode.commands
      .executeCommand('transformerExplorer.compareSelection')
      .then(() => (ended = true));
    await until(
      'the command to end',
      async () => {
        await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
        await new Promise((resolve) => setTimeout(resolve, 150));
        return ended;
      },
      20_000,
    );
    await command;
    // The sentence at the cursor was offered.
    await until('the second run', () => api.other()?.trace.encoder[0]?.text === WIDE);
  });

  test('a second model is loaded beside the first, freed, and loaded again after a crash @once', async () => {
    const request = { trace: trace.id, batch: 0, side: { by: 'model', model: BERT } } as const;
    const other = await api.runOther(request);
    equal(other.summary.family, 'encoder-only', 'family');
    equal(other.trace.encoder[0].text, TIRED, 'text');
    equal(traceOf(api.state()).id, trace.id, 'the explored run');
    const { cells } = await api.slices.contrastHeads(heads(other, 'mean'));
    ok(cells > 50, `only ${cells} cells are compared`);
    await api.releaseOther();
    equal(api.other(), undefined, 'the second side');
    const gone = await api.slices.contrastHeads(heads(other, 'mean')).then(
      () => undefined,
      (error: unknown) => error,
    );
    ok(gone, 'the second run was not freed');
    await api.idle();
    api.crashEngine();
    trace = traceOf(await explore());
    const again = await api.runOther({ ...request, trace: trace.id });
    ok((await api.slices.contrastHeads(heads(again, 'mean'))).cells === cells, 'cells after the crash');
  });

  test('a load that is given up leaves the explored run, and what is asked for next runs @once', async () => {
    const stop = new AbortController();
    const side = { by: 'model', model: BERT } as const;
    const given = api.runOther({ trace: trace.id, batch: 0, side }, { signal: stop.signal }).then(
      () => 'done',
      (error: unknown) => error,
    );
    stop.abort();
    ok((await given) !== 'done', 'the run was not given up');
    equal(api.other(), undefined, 'the second side');
    const text = await api.runOther({ trace: trace.id, batch: 0, side: { by: 'text', text: WIDE } });
    equal(text.trace.encoder[0].text, WIDE, 'text');
  });
});
