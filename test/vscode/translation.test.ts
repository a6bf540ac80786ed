// The Translation view's side of things in a real VS Code: select, translate, force, replace, undo, and what happens when it goes wrong.
import * as vscode from 'vscode';
import type { TranslationState } from '../../src/shared/translationPage';
import { equal, ok, until } from '../support/assertions';
import { activated, closeAll, configure, PATIENCE, select, setSelections, showText } from './explorer';

const SENTENCE = 'The dog barks at the cat.';

/** Runs the command on what is selected, and waits for the translation. */
async function translate(command = 'translateSelection'): Promise<TranslationState> {
  const { translation } = await activated();
  await vscode.commands.executeCommand(`transformerExplorer.${command}`);
  await translation.idle();
  return translation.state();
}

/** The translations of all sentences; fails with the state's error where it did not come to its end. */
function textsOf(state: TranslationState): readonly string[] {
  equal(state.error, undefined);
  equal(state.status, 'done');
  return state.sentences.map(({ status, text }) => {
    equal(status, 'done');
    return text;
  });
}

async function showCode(languageId: string, content: string): Promise<vscode.TextEditor> {
  const editor = await showText(content);
  await vscode.languages.setTextDocumentLanguage(editor.document, languageId);
  const shown = vscode.window.activeTextEditor;
  ok(shown, 'no editor');
  return shown;
}

function selectAll(editor: vscode.TextEditor): Promise<void> {
  const end = editor.document.positionAt(editor.document.getText().length);
  return setSelections(editor, [new vscode.Selection(new vscode.Position(0, 0), end)]);
}

async function undone(editor: vscode.TextEditor, text: string): Promise<void> {
  await vscode.window.showTextDocument(editor.document);
  await vscode.commands.executeCommand('undo');
  await until('the text of before', () => editor.document.getText() === text);
}

suite('translation view', function () {
  this.timeout(PATIENCE);
  teardown(async () => {
    const { translation } = await activated();
    await translation.host.stop();
    for (const key of ['model', 'targetLanguage', 'translation.followSelection', 'translation.method']) {
      await configure(key, undefined);
    }
    await closeAll();
  });

  test('translates the selection, sentence by sentence, and shows where it is from', async () => {
    const editor = await showText(`A title\n\n${SENTENCE} It is hungry.\n`);
    await select(editor, `${SENTENCE} It is hungry.`);
    const api = await activated();
    const state = await translate();
    const [first, second] = textsOf(state);
    ok(/\bHund\b.*\bKatze\b/u.test(first), first);
    ok(/hungrig|Hunger/u.test(second), second);
    equal(state.mode, 'translate');
    equal(state.language, 'de');
    equal(state.source?.line, 3);
    equal(state.source?.writable, true);
    const { source, hypotheses } = state.sentences[0];
    equal(source?.text, SENTENCE);
    equal(hypotheses.length, 3);
    ok(hypotheses[0].score >= hypotheses[1].score, 'not the best first');
    equal(state.progress.sentences, 2);
    ok(state.progress.tokens > 8, `${state.progress.tokens} tokens`);
    ok(api.translation.viewVisible(), 'the view did not open');
    await until('the page of the view', () => api.translation.pageReady(), 30_000);
    equal(vscode.window.activeTextEditor, editor);
  });

  test('a forced word stays, the rest is decoded on; replacing and undoing are one step each', async () => {
    const before = `${SENTENCE} The end.`;
    const editor = await showText(before);
    await select(editor, SENTENCE);
    const { host, state } = (await activated()).translation;
    const [own] = textsOf(await translate());
    const { steps, attention, source } = await host.explain({ sentence: 0 });
    equal(attention.rows, steps.length);
    equal(attention.columns, source.tokens.length);
    equal(source.text, SENTENCE);
    const other = steps[0].alternatives.find(
      ({ id, end }) => id !== state().sentences[0].hypotheses[0].ids[0] && !end,
    );
    ok(other, 'no alternative');
    await host.force({ sentence: 0, step: 0, id: other.id });
    const forced = state().sentences[0];
    equal(forced.forced, 1);
    equal(forced.hypotheses[0].ids[0], other.id);
    ok(forced.text !== own && forced.text.trim() !== '', forced.text);
    await host.replace();
    equal(editor.document.getText(), `${forced.text} The end.`);
    equal(editor.document.getText(editor.selection), forced.text);
    await host.unforce({ sentence: 0 });
    equal(state().sentences[0].text, own);
    await host.replace();
    equal(editor.document.getText(), `${own} The end.`);
    await undone(editor, `${forced.text} The end.`);
    await undone(editor, before);
    await host.choose({ sentence: 0, hypothesis: 1 });
    await host.replace();
    equal(editor.document.getText(), `${state().sentences[0].hypotheses[1].target.text} The end.`);
  });

  test('the beam tree holds the translation @once', async () => {
    const editor = await showText(SENTENCE);
    await select(editor, SENTENCE);
    const { host } = (await activated()).translation;
    const state = await translate();
    textsOf(state);
    const { nodes } = await host.tree({ sentence: 0 });
    const { ids } = state.sentences[0].hypotheses[0];
    let parent = -1;
    for (const id of ids) {
      parent = nodes.findIndex((node) => node.parent === parent && node.id === id);
      ok(parent >= 0, `token ${id} is not in the tree`);
    }
  });

  test('every place of several selections gets its own translation, as one edit', async () => {
    const before = 'one: The dog barks.\ntwo: The cat sleeps.\nthree\n';
    const editor = await showText(before);
    await select(editor, 'The dog barks.', 'The cat sleeps.');
    const [dog, cat] = textsOf(await translate());
    const { host } = (await activated()).translation;
    // What is typed above moves the places.
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), 'zero\n'));
    await host.replace();
    equal(editor.document.getText(), `zero\none: ${dog}\ntwo: ${cat}\nthree\n`);
    equal(
      editor.selections.map((selection) => editor.document.getText(selection)),
      [dog, cat],
    );
    await undone(editor, `zero\n${before}`);
    await host.insertBelow();
    ok(editor.document.getText().includes(`one: The dog barks.\n${dog}\n`), editor.document.getText());
  });

  test('comments are translated, code and what stands in back-ticks is not @once', async () => {
    const before =
      '/**\n * The dog opens `door()` for the cat.\n *\n * @param {string} name The name of the dog.\n */\nfunction bark(name) {\n  // The cat sleeps.\n  return "The dog";\n}\n';
    const editor = await showCode('javascript', before);
    await selectAll(editor);
    const state = await translate();
    equal(textsOf(state).length, 3);
    const { source, text } = state.sentences[0];
    equal(source?.text, 'The dog opens `door()` for the cat.');
    ok(text.includes('`door()`') && !/\bTom\b/u.test(text), text);
    const code = source?.words.find(({ label }) => label.includes('door'));
    equal(code?.label, '`door()`');
    const { host } = (await activated()).translation;
    await host.replace();
    const after = editor.document.getText().split('\n');
    equal(after.length, before.split('\n').length);
    ok(/^ \* .*Hund.*`door\(\)`/u.test(after[1]), after[1]);
    ok(/^ \* @param \{string\} name .*Hund/u.test(after[3]), after[3]);
    ok(/^ {2}\/\/ .*Katze/u.test(after[6]), after[6]);
    equal(after[7], '  return "The dog";');
    await undone(editor, before);
    await select(editor, 'The cat sleeps.');
    const [cat] = textsOf(await translate());
    await host.insertBelow();
    ok(
      editor.document.getText().includes(`  // The cat sleeps.\n  // ${cat}\n  return`),
      editor.document.getText(),
    );
    await undone(editor, before);
    await select(editor, '"The dog"');
    const refused = await translate();
    equal(refused.error?.code, 'emptyText');
    ok(/comment/u.test(refused.error?.message ?? ''), refused.error?.message ?? '');
  });

  test('comments of Python and of TypeScript keep their markers, their code and their lines @once', async () => {
    const python =
      'def bark(name):\n    """The dog barks."""\n    # The cat sleeps.\n    return name  # The end.\n';
    const typescript = '/* The dog barks. */\nexport const name = 1; // The cat sleeps.\n';
    for (const [languageId, before, shape] of [
      [
        'python',
        python,
        /^def bark\(name\):\n {4}""".*Hund.*"""\n {4}# .*Katze.*\n {4}return name {2}# .+\n$/u,
      ],
      ['typescript', typescript, /^\/\* .*Hund.* \*\/\nexport const name = 1; \/\/ .*Katze.*\n$/u],
    ] as const) {
      const editor = await showCode(languageId, before);
      await selectAll(editor);
      textsOf(await translate());
      await (await activated()).translation.host.replace();
      ok(shape.test(editor.document.getText()), editor.document.getText());
      await undone(editor, before);
    }
  });

  test('emphasis and links go where their words go, and the sentence is translated whole @once', async () => {
    const before = '- You can [buy a car](http://x.y/z) if you have **enough money**.\n';
    const editor = await showCode('markdown', before);
    await selectAll(editor);
    const state = await translate();
    textsOf(state);
    equal(state.sentences[0].source?.text, before.slice(2, -1));
    ok(
      /^Du kannst \[ein Auto kaufen\]\(http:\/\/x\.y\/z\), wenn du \*\*genug Geld\*\* hast\.$/u.test(
        state.sentences[0].text,
      ),
      state.sentences[0].text,
    );
    const { host } = (await activated()).translation;
    await host.replace();
    equal(editor.document.getText(), `- ${state.sentences[0].text}\n`);
    await undone(editor, before);
  });

  test('a forced word can be stopped: what was decoded stays, and can be finished or taken back @once', async () => {
    const editor = await showText(SENTENCE);
    await select(editor, SENTENCE);
    const { host, state, idle } = (await activated()).translation;
    const [own] = textsOf(await translate());
    const { steps } = await host.explain({ sentence: 0 });
    const other = steps[0].alternatives.find(
      ({ id, end }) => id !== state().sentences[0].hypotheses[0].ids[0] && !end,
    );
    ok(other, 'no alternative');
    const forcing = host.force({ sentence: 0, step: 0, id: other.id });
    await until('it to run', () => state().status === 'running');
    await host.stop();
    await forcing;
    equal(state().status, 'stopped');
    equal(state().sentences[0].status, 'waiting');
    equal(state().sentences[0].forced, 1);
    await host.act({ action: 'retry' });
    await until('the end of it', () => state().status === 'done', 60_000);
    await idle();
    equal(state().sentences[0].hypotheses[0].ids[0], other.id);
    await host.unforce({ sentence: 0 });
    equal(state().sentences[0].text, own);
  });

  test('after a reload of the window the text is there again, and translated', async () => {
    const editor = await showText(`First. ${SENTENCE}`);
    await select(editor, SENTENCE);
    const [own] = textsOf(await translate());
    const { reload, state, host } = (await activated()).translation;
    // What was typed meanwhile moves the place.
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), 'So. '));
    await reload();
    equal(textsOf(state()), [own]);
    await host.replace();
    equal(editor.document.getText(), `So. First. ${own}`);
    await selectAll(editor);
    await editor.edit((edit) => edit.delete(editor.selection));
    await reload();
    equal(state().status, 'empty');
  });

  test('nothing selected leaves the translation where it is', async () => {
    const editor = await showText(SENTENCE);
    await select(editor, SENTENCE);
    const shown = textsOf(await translate());
    await setSelections(editor, [new vscode.Selection(0, 4, 0, 4)]);
    equal(textsOf(await translate()), shown);
  });

  test('a text that was changed is not replaced @once', async () => {
    const editor = await showText(SENTENCE);
    await select(editor, SENTENCE);
    textsOf(await translate());
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 4), 'old '));
    const { host } = (await activated()).translation;
    await host.replace();
    equal(editor.document.getText(), SENTENCE.replace('dog', 'old dog'));
  });

  test('a read-only document can be translated and copied, not replaced', async () => {
    const scheme = 'suite-read-only';
    const provider = vscode.workspace.registerTextDocumentContentProvider(scheme, {
      provideTextDocumentContent: () => SENTENCE,
    });
    try {
      const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(`${scheme}:/fixed.txt`));
      const editor = await vscode.window.showTextDocument(document);
      await selectAll(editor);
      const state = await translate();
      const [text] = textsOf(state);
      equal(state.source?.writable, false);
      const { host } = (await activated()).translation;
      await host.replace();
      equal(document.getText(), SENTENCE);
      await host.copy();
      equal(await vscode.env.clipboard.readText(), text);
    } finally {
      provider.dispose();
    }
  });

  test('another language translates again, one that the model lacks says so @once', async () => {
    const editor = await showText(SENTENCE);
    await select(editor, SENTENCE);
    const { host, state, idle } = (await activated()).translation;
    textsOf(await translate());
    await host.setLanguage({ language: 'fr' });
    await until('French', () => idle().then(() => /chien/u.test(state().sentences[0]?.text)), 60_000);
    await host.setLanguage({ language: 'ja' });
    await until('the error', () => state().error?.code === 'languageUnknown', 60_000);
    ok(/de, fr, zh/u.test(state().error?.message ?? ''), state().error?.message ?? '');
    equal(
      state().languages.map(({ code }) => code),
      ['de', 'fr', 'zh'],
    );
  });

  test('follows the selection while it is told to', async () => {
    const editor = await showText(`${SENTENCE}\nThe cat sleeps.\n`);
    await select(editor, SENTENCE);
    const { host, state, idle, viewVisible } = (await activated()).translation;
    textsOf(await translate());
    await host.setFollow({ follow: true });
    await select(editor, 'The cat sleeps.');
    await until('the new selection', () => state().sentences[0]?.source?.text === 'The cat sleeps.', 60_000);
    await idle();
    ok(/Katze/u.test(textsOf(state())[0]), state().sentences[0].text);
    // Nothing is decoded for a view that nobody sees, and it catches up when it is back.
    await vscode.commands.executeCommand('workbench.view.explorer');
    await until('the view to be hidden', () => !viewVisible());
    await vscode.window.showTextDocument(editor.document);
    await select(editor, SENTENCE);
    await new Promise((resolve) => setTimeout(resolve, 600));
    equal(state().sentences[0].source?.text, 'The cat sleeps.');
    await vscode.commands.executeCommand('transformerExplorer.translation.focus');
    await until('the selection of now', () => state().sentences[0]?.source?.text === SENTENCE, 60_000);
    await idle();
    await host.setFollow({ follow: false });
    await vscode.window.showTextDocument(editor.document);
    await select(editor, 'The cat sleeps.');
    await new Promise((resolve) => setTimeout(resolve, 600));
    equal(state().sentences[0].source?.text, SENTENCE);
  });

  test('100 kB show progress, and keep what was translated when they are stopped @once', async () => {
    const editor = await showText(`${SENTENCE} `.repeat(4_000));
    await selectAll(editor);
    const { host, state, idle } = (await activated()).translation;
    await host.setDecoding({ method: 'greedy' });
    await vscode.window.showTextDocument(editor.document);
    const running = vscode.commands.executeCommand('transformerExplorer.translateSelection');
    await until('some sentences', () => state().progress.sentences >= 3, 60_000);
    equal(state().status, 'running');
    equal(state().progress.of, 4_000);
    await host.stop();
    await running;
    await idle();
    const stopped = state();
    equal(stopped.status, 'stopped');
    const done = stopped.sentences.filter(({ status }) => status === 'done');
    ok(done.length >= 3 && done.length < 4_000, `${done.length} sentences`);
    ok(/Hund/u.test(done[0].text), done[0].text);
  });

  test('a killed engine keeps what was decoded, and Retry finishes @once', async () => {
    const sentences = ['The dog barks.', ...Array.from({ length: 24 }, () => SENTENCE)];
    const editor = await showText(sentences.join(' '));
    await selectAll(editor);
    const api = await activated();
    const { host, state, idle } = api.translation;
    await configure('translation.method', 'greedy');
    const running = vscode.commands.executeCommand('transformerExplorer.translateSelection');
    await until('a sentence', () => state().progress.sentences >= 1 && state().status === 'running', 60_000);
    api.crashEngine();
    await running;
    await idle();
    const failed = state();
    equal(failed.status, 'failed');
    equal(failed.error?.code, 'engineCrashed');
    ok(failed.error?.actions.includes('retry'), 'no button to try again');
    const kept = failed.sentences[0];
    equal(kept.status, 'done');
    await host.act({ action: 'retry' });
    await until('the rest', () => state().status === 'done', 60_000);
    await idle();
    equal(textsOf(state()).length, 25);
    equal(state().sentences[0].text, kept.text);
  });

  test('a word opens the explorer at the step that made it', async () => {
    const editor = await showText(`First. ${SENTENCE}`);
    await select(editor, SENTENCE);
    const api = await activated();
    const state = await translate();
    textsOf(state);
    const { ids, target } = state.sentences[0].hypotheses[0];
    await api.translation.host.openInExplorer({ sentence: 0, step: 2 });
    const { trace, view, model } = api.state();
    ok(trace && view.pinned, `not shown: ${api.state().error?.message}`);
    const shown = trace.decoder[0].tokens.map(({ id }) => id);
    const row = view.pinned.query;
    equal(shown[row], ids[1]);
    equal(shown[row + 1], ids[2]);
    equal(trace.encoder[0].text, SENTENCE);
    equal(api.state().decoder.text, target.text);
    equal(model?.attentions.find(({ name }) => name === view.attention)?.kind, 'cross');
    const range = api.rangeOf('encoder', 0, 4, 7);
    equal(range && editor.document.getText(range), 'dog');
  });

  test('a decoder-only model continues the selection @once', async () => {
    await configure('model', 'shipped:english-gpt-mini');
    const text = 'The dog was very hungry, so';
    const editor = await showText(`${text}\n`);
    await select(editor, text);
    const { host } = (await activated()).translation;
    const state = await translate('continueSelection');
    const [said] = textsOf(state);
    equal(state.mode, 'continue');
    ok(said.trim().length > 1, `'${said}'`);
    await host.replace();
    equal(editor.document.getText(), `${text}${said}\n`);
  });
});
