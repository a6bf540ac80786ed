// The Models view: what it lists, models that are added, used, too large, missing and removed, and their cards.
import * as vscode from 'vscode';
import { equal, extensionUnderTest, ok, until } from '../support/assertions';
import { activated, closeAll, configure, explore, PATIENCE, select, showText, traceOf } from './explorer';

const SENTENCE = 'The small dog barks at the big cat.';
const project = (path: string) => vscode.Uri.joinPath(extensionUnderTest().extensionUri, path);
const command = (name: string, argument: unknown) =>
  vscode.commands.executeCommand(`transformerExplorer.${name}`, argument);

/** Whether this host can list the extension's folder, as one without a server cannot. */
async function canList(): Promise<boolean> {
  return vscode.workspace.fs.readDirectory(project('test/golden')).then(
    () => true,
    () => false,
  );
}

async function lineOf(id: string) {
  const lines = await (await activated()).modelLines();
  return lines.find(({ model }) => model.id === id);
}

async function contextOf(id: string): Promise<string | undefined> {
  return (await lineOf(id))?.item.contextValue;
}

suite('models view', function () {
  this.timeout(PATIENCE);
  const added: vscode.Uri[] = [];
  const add = async (path: string): Promise<string> => {
    const uri = project(path);
    added.push(uri);
    await command('addModel', uri);
    return uri.toString();
  };
  teardown(async () => {
    for (const uri of added.splice(0)) {
      await command('removeModel', { id: uri.toString() });
    }
    await configure('maximumModelSize', undefined);
    await configure('model', undefined);
    await closeAll();
  });

  test('lists the shipped models with their sizes, the translator in use', async () => {
    const lines = await (await activated()).modelLines();
    equal(
      lines.map(({ model, item }) => [model.id, item.contextValue]),
      [
        ['shipped:translate-en-de-fr-zh', 'shipped inUse'],
        ['shipped:english-gpt-mini', 'shipped'],
        ['shipped:english-bert-mini', 'shipped'],
      ],
    );
    // Where the extension comes from a web server, nobody knows the sizes of its files.
    for (const { model, item } of (await canList()) ? lines : []) {
      ok((model.bytes ?? 0) > 1_000_000, `${model.id} has ${model.bytes} bytes`);
      ok(/MB$/.test(String(item.description)), `description: ${String(item.description)}`);
    }
  });

  test('a chosen model is in use, and says what it is once it was loaded', async () => {
    await command('useModel', { id: 'shipped:english-bert-mini' });
    equal(await contextOf('shipped:english-bert-mini'), 'shipped inUse');
    equal(await contextOf('shipped:translate-en-de-fr-zh'), 'shipped');
    await select(await showText(SENTENCE), SENTENCE);
    equal((await explore()).model?.family, 'encoder-only');
    await until('its facts', async () =>
      String((await lineOf('shipped:english-bert-mini'))?.item.description).startsWith('encoder · '),
    );
  });

  test('an added folder is used, and a removed one gives way to the translator', async function () {
    if (!(await canList())) {
      this.skip();
    }
    const id = await add('test/golden/layouts/bert');
    equal(await contextOf(id), 'added inUse');
    await select(await showText(SENTENCE), SENTENCE);
    const state = await explore();
    equal([state.model?.id, traceOf(state).encoder.length], [id, 1]);
    await command('removeModel', { id });
    equal(await contextOf(id), undefined);
    equal(await contextOf('shipped:translate-en-de-fr-zh'), 'shipped inUse');
  });

  test('a file of the Explorer is explored with', async function () {
    if (!(await canList())) {
      this.skip();
    }
    const file = project('test/golden/layouts/gpt2/onnx/model.onnx');
    added.push(file);
    await command('exploreWithModel', file);
    equal(await contextOf(file.toString()), 'added inUse');
    ok((await activated()).modelLoaded(), 'the model is not loaded');
  });

  test('a folder without a model is not added', async function () {
    if (!(await canList())) {
      this.skip();
    }
    const id = await add('test/golden/tokenizer');
    equal(await contextOf(id), undefined);
    equal(await contextOf('shipped:translate-en-de-fr-zh'), 'shipped inUse');
  });

  test('a large model is loaded only after the user agreed @once', async function () {
    if (!(await canList())) {
      this.skip();
    }
    await configure('maximumModelSize', 1);
    await add('models/translate-en-de-fr-zh');
    await select(await showText(SENTENCE), SENTENCE);
    const state = await explore();
    equal(state.error?.code, 'modelTooLarge');
    equal(state.error?.actions[0], 'loadAnyway');
    const api = await activated();
    api.act('loadAnyway');
    await until('the run', () => api.state().trace !== undefined, PATIENCE);
  });

  test('a model whose folder is gone says so and can be taken off @once', async () => {
    const uri = project('no/such/model');
    await configure('model', uri.toString());
    const line = await lineOf(uri.toString());
    equal(line?.item.contextValue, 'added inUse missing');
    ok(line?.model.problem?.includes('no/such/model'), `problem: ${line?.model.problem}`);
    await command('removeModel', { id: uri.toString() });
    equal(await contextOf(uri.toString()), undefined);
  });

  test('shows the card of a model, and what is known of one without a card', async function () {
    const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs.map(({ label }) => label));
    await command('showModelCard', { id: 'shipped:translate-en-de-fr-zh' });
    await until('the card', () => tabs().some((label) => label.includes('README')));
    if (!(await canList())) {
      this.skip();
    }
    const id = await add('test/golden/layouts/bert');
    await command('showModelCard', { id });
    await until('what is known', () => tabs().some((label) => label.includes('bert')));
  });
});
