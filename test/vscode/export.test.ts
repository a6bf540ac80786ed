// Export: every kind of file is written through VS Code, read back, and compared with the engine.
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../src/host/extensionApi';
import type { PanelState } from '../../src/shared/protocol';
import { readSafetensors } from '../../src/shared/safetensors';
import type { AttentionMatrix } from '../../src/shared/trace';
import { equal, ok } from '../support/assertions';
import { readNpz } from '../support/readNpz';
import { activated, closeAll, explore, PATIENCE, select, showText, traceOf } from './explorer';

const SENTENCE = 'The animal did not cross the street because it was too tired.';

suite('export', function () {
  this.timeout(PATIENCE);
  let api: ExtensionApi;
  let state: PanelState;
  const folder = () => {
    const uri = vscode.workspace.workspaceFolders?.[0]?.uri;
    ok(uri, 'no workspace');
    return vscode.Uri.joinPath(uri, 'exported');
  };

  setup(async () => {
    api = await activated();
    const editor = await showText(SENTENCE);
    await select(editor, SENTENCE);
    state = await explore();
    api.setView({ ...state.view, view: 'attention', attention: 'encoder.1.self', head: 1, mean: false });
    // The page is told as if the user had stepped there and back.
    await vscode.commands.executeCommand('transformerExplorer.nextHead');
    await vscode.commands.executeCommand('transformerExplorer.previousHead');
  });
  teardown(async () => {
    await closeAll();
    await vscode.workspace.fs.delete(folder(), { recursive: true });
  });

  /** Saves without asking, and reads the file. */
  async function saved(what: string, format: string, more: object = {}): Promise<Uint8Array> {
    const uri = vscode.Uri.joinPath(folder(), `${what}.${format}`);
    await vscode.commands.executeCommand('transformerExplorer.export', { what, format, uri, ...more });
    return vscode.workspace.fs.readFile(uri);
  }
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const weights = (stage: 'weights' | 'scores' = 'weights', head = 1): Promise<AttentionMatrix> =>
    api.slices.matrix({
      trace: traceOf(state).id,
      attention: 'encoder.1.self',
      head,
      batch: 0,
      stage,
      unit: 'pieces',
    });

  test('a matrix as CSV holds the labels and exactly the weights', async () => {
    const rows = parseCsv(text(await saved('weights', 'csv')));
    const { data, columns } = await weights();
    const { tokens } = traceOf(state).encoder[0];
    equal(rows[0].slice(1).join(' '), tokens.map(({ label }) => label).join(' '), 'header');
    equal(rows.length, tokens.length + 1, 'rows');
    rows.slice(1).forEach((row, query) => {
      equal(row[0], tokens[query].label, 'row label');
      row.slice(1).forEach((field, key) => {
        equal(Math.fround(Number(field)), data[query * columns + key], `weight ${query}, ${key}`);
      });
    });
  });

  test('scores before the softmax as CSV @once', async () => {
    const rows = parseCsv(text(await saved('stage.scores', 'csv')));
    const { data, columns } = await weights('scores');
    equal(Math.fround(Number(rows[3][5])), data[2 * columns + 4], 'score 2, 4');
  });

  test('pictures are SVG of vectors, and PNG', async () => {
    for (const what of ['head', 'heads', 'masks', 'positions', 'waves', 'similarity']) {
      const svg = text(await saved(what, 'svg'));
      ok(svg.startsWith('<svg ') && svg.endsWith('</svg>'), `${what} is no SVG: ${svg.slice(0, 80)}`);
      ok(/<path |<polyline /u.test(svg) && !svg.includes('<image'), `${what} has no vectors`);
    }
    const svg = text(await saved('head', 'svg'));
    ok(svg.includes('>animal<') && svg.includes('layer 2, head 2'), svg.slice(0, 3000));
    const png = await saved('head', 'png');
    equal([...png.slice(1, 4)].map((code) => String.fromCharCode(code)).join(''), 'PNG', 'signature');
    ok(png.length > 10_000, `the picture has ${png.length} bytes only`);
  });

  test('every view is a picture, whichever is open @once', async () => {
    const views = [
      'attention',
      'inside',
      'masks',
      'positions',
      'embeddings',
      'layers',
      'output',
      'experiments',
    ];
    for (const view of views) {
      const svg = text(await saved(`view.${view}`, 'svg'));
      ok(svg.startsWith('<svg ') && !svg.includes('<image'), `${view} is no SVG: ${svg.slice(0, 80)}`);
      ok((svg.match(/<text /gu)?.length ?? 0) > 8, `${view} has no texts`);
    }
    equal(api.state().view.view, 'attention', 'the view that is open');
    const png = await saved('view.inside', 'png');
    ok(png.length > 20_000, `the picture has ${png.length} bytes only`);
  });

  test('states as CSV are those of the engine @once', async () => {
    const rows = parseCsv(text(await saved('state.encoder.layer.1', 'csv')));
    const { tokens } = traceOf(state).encoder[0];
    equal(rows.length, tokens.length + 1, 'rows');
    const lengths = parseCsv(text(await saved('norms', 'csv')));
    const length = Math.hypot(...rows[3].slice(1).map(Number));
    ok(
      Math.abs(length - Number(lengths[3][3])) < 1e-3,
      `the third state is ${length} long, not ${lengths[3][3]}`,
    );
  });

  test('the run as safetensors and as npz @once', async () => {
    const parts = ['weights', 'scores', 'query', 'key', 'value', 'layers', 'logits'];
    const tensors = readSafetensors(await saved('trace', 'safetensors', { parts }));
    const { data, rows, columns } = await weights();
    const { dims, data: all } = tensors['encoder.1.self.weights'];
    equal([...dims].slice(2), [rows, columns], 'shape');
    equal([...all.slice(data.length, 2 * data.length)].map(Number), [...data], 'weights of the second head');
    ok(
      ['decoder.0.cross.key', 'encoder.0.self.scores', 'encoder.layer.2', 'decoder.logits'].every(
        (name) => name in tensors,
      ),
      Object.keys(tensors).join(' '),
    );
    const arrays = readNpz(await saved('trace', 'npz', { parts: ['weights'] }));
    equal(
      [...new Float32Array(arrays['encoder.1.self.weights'].bytes.buffer)].slice(
        data.length,
        2 * data.length,
      ),
      [...data],
      'weights of the second head in the .npz',
    );
  });

  test('the panel as one page that fetches nothing @once', async () => {
    const html = text(await saved('page', 'html'));
    ok(html.includes(`default-src 'none'`), 'no policy');
    ok(/<script type="application\/json" id="saved-run">\{/u.test(html), 'no run');
    ok(html.includes('--vscode-editor-background:'), 'no theme');
    ok(html.includes('<template id="saved-picture-inside"><svg '), 'no picture of Inside');
    const [page] = html.split('<script>');
    const outside = /<(?:link|img|script|iframe)\b[^>]*(?:src|href)=/u.exec(page);
    equal(outside, null, 'references to other files');
  });

  test('says clearly when a file cannot be written', async () => {
    const uri = vscode.Uri.parse('no-such-file-system:/here/weights.csv');
    await vscode.commands.executeCommand('transformerExplorer.export', {
      what: 'weights',
      format: 'csv',
      uri,
    });
    // The command tells the user and does not fail: that it ended is all that can be seen from here.
    const rows = parseCsv(text(await saved('weights', 'csv')));
    ok(rows.length > 1, 'nothing can be saved after a failure');
  });
});

/** Rows of fields as RFC 4180 has them. */
function parseCsv(csv: string): string[][] {
  return csv
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) =>
      [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/gu)]
        .map(([, field]) => (field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field))
        .slice(0, line.endsWith(',') ? undefined : -1),
    );
}
