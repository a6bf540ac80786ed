// What goes wrong says so and leaves a working extension: long, empty and binary texts, missing and corrupt models, a killed engine.
import * as vscode from 'vscode';
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

/** Its translation takes far longer than anything a test does meanwhile, however busy the machine is. */
const LONG = 'The small dog barks loudly at the big cat. '.repeat(12).trim();

/** One stack: read once and not translated, it loads and answers in a moment, however long the text. */
const SMALL = 'shipped:english-bert-mini';

async function exploreAll(content: string) {
  const editor = await showText(content);
  const end = editor.document.positionAt(content.length);
  await setSelections(editor, [new vscode.Selection(new vscode.Position(0, 0), end)]);
  return explore();
}

suite('failures', function () {
  this.timeout(PATIENCE);
  teardown(async () => {
    await configure('model', undefined);
    await closeAll();
  });

  test('a text over the limit says so and offers its first part @once', async () => {
    await configure('model', SMALL);
    const api = await activated();
    const state = await exploreAll('The dog barks loudly. '.repeat(400));
    equal(state.error?.code, 'textTooLong');
    equal(state.error?.actions, ['exploreFirstPart']);
    ok(/\b256\b/u.test(state.error?.message ?? ''), `the limit is not in: ${state.error?.message}`);
    await api.exploreFirstPart();
    const { encoder } = traceOf(api.state());
    ok(
      encoder[0].tokens.length > 200 && encoder[0].tokens.length <= 256,
      `${encoder[0].tokens.length} tokens`,
    );
    equal(api.state().error, undefined);
  });

  test('a document of half a megabyte is cut to what the model reads @once', async () => {
    await configure('model', SMALL);
    const api = await activated();
    const state = await exploreAll('The dog barks loudly. '.repeat(25_000));
    equal(state.error?.code, 'textTooLong');
    await api.exploreFirstPart();
    ok(traceOf(api.state()).encoder[0].tokens.length <= 256, 'too many tokens');
  });

  test('an empty document and binary data explore nothing, and keep what was shown @once', async () => {
    const before = traceOf(await exploreAll('The dog barks.')).id;
    const api = await activated();
    await showText('');
    await vscode.commands.executeCommand('transformerExplorer.explore');
    await exploreAll('\u0000\u0001\u0002PNG\u0000 binary');
    await api.idle();
    equal(traceOf(api.state()).id, before);
  });

  test('a missing model says so with a button to choose another, and the shipped one works after it', async () => {
    await configure('model', '/no/such/folder');
    const state = await exploreAll('The dog barks.');
    equal(state.error?.code, 'modelMissing');
    ok(state.error?.actions.includes('chooseModel'), 'no button to choose a model');
    await configure('model', undefined);
    traceOf(await exploreAll('The dog barks.'));
  });

  test('a corrupt model says so with a button to choose another @once', async function () {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    ok(folder, 'no workspace');
    const model = vscode.Uri.joinPath(folder, 'corrupt');
    const bytes = new TextEncoder().encode('this is no protobuf');
    try {
      await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(model, 'model.onnx'), bytes);
    } catch {
      this.skip(); // a host without a writable workspace
    }
    const { chosen: before } = await exploreAll('The dog barks.');
    await configure('model', 'corrupt');
    const state = await exploreAll('The dog barks.');
    equal(state.error?.code, 'modelCorrupt');
    ok(state.chosen !== before, 'the panel would show the model of before as the chosen one');
    ok(state.error?.actions.includes('chooseModel'), 'no button to choose a model');
  });

  test('a killed engine leaves an error, and the next exploration works', async () => {
    const api = await activated();
    const short = await showText('The dog barks.');
    await select(short, 'The dog barks.');
    traceOf(await explore());
    const editor = await showText(LONG);
    await select(editor, LONG);
    const running = vscode.commands.executeCommand('transformerExplorer.explore');
    await new Promise((resolve) => setTimeout(resolve));
    api.crashEngine();
    await running;
    await api.idle();
    equal(api.state().error?.code, 'engineCrashed');
    ok(api.state().error?.actions.includes('retry'), 'no button to try again');
    ok(!api.engineRunning(), 'the engine still runs');
    await select(await vscode.window.showTextDocument(short.document), 'The dog barks.');
    const state = await explore();
    equal(state.error, undefined);
    equal(traceOf(state).encoder[0].text, 'The dog barks.');
  });

  test('a run that the engine lost is run again when it is asked about @once', async () => {
    const api = await activated();
    const state = await exploreAll('The dog barks.');
    const trace = traceOf(state);
    equal(api.live(), true);
    api.crashEngine();
    equal(api.live(), false);
    const request = { trace: trace.id, attention: 'encoder.0.self', batch: 0 };
    const code = await api.slices.masks(request).then(
      () => 'answered',
      (error: { readonly code?: string }) => error.code,
    );
    equal(code, 'cancelled');
    await until('a new run', () => api.live(), 60_000);
    equal(traceOf(api.state()).encoder[0].text, 'The dog barks.');
  });

  test('another backend setting restarts the engine and keeps the exploration @once', async () => {
    await configure('model', SMALL);
    const api = await activated();
    const before = traceOf(await exploreAll('The dog barks.'));
    try {
      await configure('threads', 1);
      const state = await until(
        'a new run',
        () => api.idle().then(() => (traceOf(api.state()) !== before ? api.state() : undefined)),
        60_000,
      );
      equal(traceOf(state).encoder[0].text, before.encoder[0].text);
    } finally {
      await configure('threads', undefined);
      await api.idle();
    }
  });

  test('a cancelled run ends without an error shown over the old one @once', async () => {
    const api = await activated();
    const before = traceOf(await exploreAll('The dog barks.'));
    const editor = await showText(LONG);
    await select(editor, LONG);
    const running = vscode.commands.executeCommand('transformerExplorer.explore');
    await new Promise((resolve) => setTimeout(resolve));
    api.cancel();
    await running;
    equal(traceOf(api.state()).id, before.id);
    equal(api.state().error, undefined);
  });
});
