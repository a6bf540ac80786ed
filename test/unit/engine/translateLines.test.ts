// Lines through the verb `translate`: in their order, aligned with the input, whatever one of them is like.
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { translateLines } from '../../../src/engine/cli/translateLines';
import { messageOf, UserError } from '../../../src/shared/errors';
import { FakeTranslator } from '../host/translation/fakeTranslator';
import { DEFAULT_DECODING } from '../../../src/shared/translation';

async function translated(text: string, continues = false) {
  const engine = new FakeTranslator();
  const out: string[] = [];
  const errors: string[] = [];
  const failure = await translateLines(Readable.from([text]), {
    translate: (texts) => engine.translate({ model: 'model', texts, decoding: DEFAULT_DECODING }),
    continues,
    print: (line) => void out.push(line),
    warn: (line) => void errors.push(line),
  }).then(() => undefined, messageOf);
  return { out, errors, failure };
}

test('a line that is too long costs no other line its translation', async () => {
  const lines = Array.from({ length: 40 }, (_, index) =>
    index % 15 === 6 ? 'an endless line' : `line ${index}`,
  );
  const { out, errors, failure } = await translated(lines.join('\n'));
  expect(out).toEqual(lines.map((line) => (line.includes('endless') ? '' : line.toUpperCase())));
  expect(errors).toEqual(
    [7, 22, 37].map(
      (n) => `Line ${n}: it has 900 tokens, but this model reads at most 512. Split it into several lines.`,
    ),
  );
  expect(failure).toBe('3 of 40 lines could not be read by the model.');
});

test('a line that cannot be continued leaves an empty one', async () => {
  const { out, failure } = await translated('one\nendless\n\nthree\n', true);
  expect(out).toEqual(['oneONE', '', '', 'threeTHREE']);
  expect(failure).toBe('1 of 4 lines could not be read by the model.');
});

test('another failure of a line ends everything and names the line', async () => {
  const translate = () => Promise.reject(new UserError('badRequest', 'No.', { text: 0 }));
  const parts = { translate, continues: false, print: () => undefined, warn: () => undefined };
  await expect(translateLines(Readable.from(['\none\n']), parts)).rejects.toThrow('Line 2: No.');
});
