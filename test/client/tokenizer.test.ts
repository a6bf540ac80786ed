// transformers.js cuts texts into the same tokens as the engine, for every shipped tokenizer, unusual characters included.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { tokenizerOf } from '../../src/engine/model';
import { engineWith, MODEL, root } from '../unit/engine/testEngine';
import { foldersOf, sentences } from './modelFolders';
import { loadTokenizer, rowsOf } from './transformersJs';

/** Written for this test: what few vocabularies spell, and spaces and forms of letters that normalisation changes. */
const unusual = [
  '  Two  spaces\tand a tab ',
  'A ﬁne ﬂower costs ５ euros ½ off',
  'Cafe\u0301 and Café are the same word.',
  'She smiled 🙂 and waved 👋🏽 at us.',
  'Ελληνικά, русский, עברית and العربية',
  '这是一句中文。',
  'ｆｕｌｌ　ｗｉｄｔｈ',
  'x² + y² = z², 10 °C, № 5, ™',
  'a\u00a0no-break space and a soft\u00adhyphen',
  'zero\u200bwidth, “quotes”, ‘single’, dash – and — dash…',
  '<b>tags</b> & [brackets] {braces} ~tilde~ `code` \\ | ^',
];

const types = ['marian', 'gpt2', 'bert'];

describe.each(foldersOf(types))('%s', (folder) => {
  test.each([
    ['200 sentences', sentences],
    ['unusual characters', unusual],
  ])('%s', async (_what, texts) => {
    const engine = await engineWith(folder);
    const tokenizer = tokenizerOf(engine.model(MODEL));
    const client = await loadTokenizer(folder);
    // Its unigram model has no byte fallback: what ours spells by bytes is unknown there.
    const bytes = (id: number) => /^<0x[0-9A-F]{2}>$/.test(tokenizer.pieceOf(id) ?? '');
    const unigram = tokenizerType(folder) === 'Unigram';
    for (const text of texts) {
      const ours = tokenizer.encode(text).tokens.map(({ id }) => id);
      const theirs = rowsOf(client([text])['input_ids'])[0];
      const expected = unigram ? joinUnknown(ours, bytes, tokenizer.special.unk) : ours;
      expect(theirs, text).toEqual(expected);
    }
    engine.dispose();
  });
});

function tokenizerType(folder: string): string {
  const file = JSON.parse(readFileSync(path.join(root, folder, 'tokenizer.json'), 'utf8')) as {
    readonly model: { readonly type: string };
  };
  return file.model.type;
}

/** Every run of bytes as one unknown piece. */
function joinUnknown(
  ids: readonly number[],
  isByte: (id: number) => boolean,
  unknown: number | undefined,
): number[] {
  return ids.flatMap((id, i) => {
    if (unknown === undefined || !isByte(id)) {
      return [id];
    }
    return isByte(ids[i - 1] ?? -1) ? [] : [unknown];
  });
}
