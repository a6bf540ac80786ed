// From a selection to a run of the shipped model: tokens on their text, rows that sum to one, batches, sentences, edits.
import * as vscode from 'vscode';
import { equal, ok } from '../support/assertions';
import { activated, closeAll, explore, PATIENCE, select, setSelections, showText, traceOf } from './explorer';

const SENTENCE = 'The animal did not cross the street because it was too tired.';

suite('explore', function () {
  this.timeout(PATIENCE);
  teardown(closeAll);

  test('runs the model on the selection, every token on its text', async () => {
    const editor = await showText(`First line.\n- ${SENTENCE} And more.`);
    await select(editor, SENTENCE);
    const api = await activated();
    const state = await explore();
    const trace = traceOf(state);
    ok(api.panelOpen(), 'the explorer did not open');
    equal(trace.encoder.length, 1);
    const [source] = trace.encoder;
    equal(source.text, SENTENCE);
    const withText = source.tokens.filter(({ start }) => start >= 0);
    ok(withText.length >= 12, `only ${withText.length} tokens`);
    for (const { start, end } of withText) {
      const range = api.rangeOf('encoder', 0, start, end);
      ok(range, 'a token without a place');
      equal(editor.document.getText(range), SENTENCE.slice(start, end));
    }
    const covered = withText.map(({ start, end }) => SENTENCE.slice(start, end)).join('');
    equal(covered.replaceAll(' ', ''), SENTENCE.replaceAll(' ', ''));
    ok(trace.decoder[0].tokens.length > 3, 'no translation');
  });

  test('shows weights whose rows sum to one, in every attention of the model @once', async () => {
    const editor = await showText(SENTENCE);
    await select(editor, SENTENCE);
    const api = await activated();
    const state = await explore();
    const trace = traceOf(state);
    ok(state.model && state.model.attentions.length === 18, 'the shipped model has 18 attentions');
    for (const { name } of state.model.attentions) {
      for (const unit of ['pieces', 'words'] as const) {
        const { rows, columns, data } = await api.slices.matrix({
          trace: trace.id,
          attention: name,
          head: 1,
          batch: 0,
          stage: 'weights',
          unit,
        });
        equal(data.length, rows * columns, name);
        for (let row = 0; row < rows; row++) {
          const sum = data
            .slice(row * columns, (row + 1) * columns)
            .reduce((total, weight) => total + weight, 0);
          ok(Math.abs(sum - 1) < 1e-4, `${name} ${unit}, row ${row} sums to ${sum}`);
        }
      }
    }
  });

  test('uses the sentence at the cursor where nothing is selected @once', async () => {
    const editor = await showText(`One comes before. ${SENTENCE} One comes after.`);
    const inside = editor.document.positionAt(editor.document.getText().indexOf('street'));
    await setSelections(editor, [new vscode.Selection(inside, inside)]);
    equal(traceOf(await explore()).encoder[0].text, SENTENCE);
  });

  test('makes one padded batch of several selections', async () => {
    const editor = await showText(`The dog barks.\n${SENTENCE}\n`);
    await select(editor, 'The dog barks.', SENTENCE);
    const api = await activated();
    const trace = traceOf(await explore());
    equal(
      trace.encoder.map(({ text }) => text),
      ['The dog barks.', SENTENCE],
    );
    const [short, long] = trace.encoder.map(({ tokens }) => tokens);
    equal(short.length, long.length, 'length of both');
    const padding = short.filter((token) => token.padding).length;
    ok(padding > 0, 'nothing is padded');
    const masks = await api.slices.masks({ trace: trace.id, attention: 'encoder.0.self', batch: 0 });
    equal(masks.padding?.removed, padding, 'keys that the padding mask removes');
    equal(
      (await api.slices.masks({ trace: trace.id, attention: 'encoder.0.self', batch: 1 })).padding?.removed ??
        0,
      0,
    );
  });

  test('takes a second selection as input of the decoder @once', async () => {
    const editor = await showText('The dog barks.\nDer Hund bellt.');
    await select(editor, 'The dog barks.', 'Der Hund bellt.');
    const api = await activated();
    const state = await explore('exploreWithDecoderInput');
    const trace = traceOf(state);
    equal(state.decoder.from, 'selection');
    equal(trace.decoder[0].text, 'Der Hund bellt.');
    const token = trace.decoder[0].tokens.find(({ start }) => start >= 0);
    const range = token && api.rangeOf('decoder', 0, token.start, token.end);
    ok(range, "the decoder's token has no place in the document");
    equal(range.start.line, 1);
  });

  test('translates into another language, or reads what is typed @once', async () => {
    const editor = await showText('The dog barks.');
    await select(editor, 'The dog barks.');
    const api = await activated();
    await explore();
    await api.setDecoder({ from: 'translation', language: 'fr', text: '' });
    equal(traceOf(api.state()).language, 'fr');
    await api.setDecoder({ from: 'typed', language: 'de', text: 'Ein Satz' });
    equal(traceOf(api.state()).decoder[0].text, 'Ein Satz');
  });

  test('maps tokens in documents with CRLF', async () => {
    const editor = await showText('One.\r\nThe dog\r\nbarks loudly.\r\nEnd.', vscode.EndOfLine.CRLF);
    const text = 'The dog\r\nbarks loudly.';
    await select(editor, text);
    const api = await activated();
    const [source] = traceOf(await explore()).encoder;
    equal(source.text, text);
    for (const { start, end } of source.tokens.filter((token) => token.start >= 0)) {
      const range = api.rangeOf('encoder', 0, start, end);
      ok(range, 'a token without a place');
      equal(editor.document.getText(range), text.slice(start, end));
    }
  });

  test('follows its text through edits, loses it when it is changed, and finds it after undo', async () => {
    const editor = await showText(`Start. ${SENTENCE}`);
    await select(editor, SENTENCE);
    const api = await activated();
    await explore();
    const place = () => api.rangeOf('encoder', 0, 0, 3);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), 'Inserted.\n'));
    equal(place()?.start.line, 1);
    equal(editor.document.getText(place()), 'The');
    await editor.edit((edit) => edit.insert(new vscode.Position(1, 12), 'X'));
    equal(place(), undefined);
    await vscode.commands.executeCommand('undo');
    equal(editor.document.getText(place()), 'The');
  });

  test('steps through heads and layers, and says so in the status bar', async () => {
    const editor = await showText(SENTENCE);
    await select(editor, SENTENCE);
    const api = await activated();
    const { view } = await explore();
    api.setView({ ...view, attention: 'encoder.0.self', head: 0, mean: false });
    await vscode.commands.executeCommand('transformerExplorer.nextHead');
    await vscode.commands.executeCommand('transformerExplorer.nextLayer');
    equal([api.state().view.attention, api.state().view.head], ['encoder.1.self', 1]);
    ok(/en-de-fr-zh 6×8 · Layer 2, head 2 · /u.test(api.statusText()), api.statusText());
  });
});
