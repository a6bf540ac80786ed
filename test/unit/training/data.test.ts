// Training data: forms are recognised, every bad line is counted with its reason, and batches hold every example once.
import { describe, expect, it } from 'vitest';
import type { TokenSequence } from '../../../src/shared/tokens';
import { planEpoch } from '../../../src/training/batches';
import { holdOut } from '../../../src/training/data/holdOut';
import { fieldOf, linesOf } from '../../../src/training/data/lines';
import type { Reading, TokenExample } from '../../../src/training/data/readExamples';
import { NO_LABEL, readExamples } from '../../../src/training/data/readExamples';
import { recogniseData } from '../../../src/training/data/recogniseData';
import { Generator } from '../../../src/training/generator';
import { makeBatch } from '../../../src/training/makeBatch';

describe('lines', () => {
  it('end with CRLF, LF or CR; a byte order mark and the last line break are none', () => {
    const text = '\uFEFFa\r\nb\nc\rd\n';
    expect(linesOf(text).map((line) => [line.number, line.start, line.end, line.text])).toEqual([
      [0, 1, 2, 'a'],
      [1, 4, 5, 'b'],
      [2, 6, 7, 'c'],
      [3, 8, 9, 'd'],
    ]);
    expect(linesOf('')).toEqual([]);
    expect(linesOf('\n\n')).toHaveLength(2);
  });

  it('lose the quotes of a spreadsheet only', () => {
    expect(fieldOf('"a ""b"" c"')).toBe('a "b" c');
    expect(fieldOf('"Yes," he said. "No."')).toBe('"Yes," he said. "No."');
    expect(fieldOf(' a ')).toBe('a');
    expect(fieldOf('"')).toBe('"');
  });
});

describe('recogniseData', () => {
  it('reads pairs with tabs and says what it leaves out', () => {
    const text = 'a\tb\r\n\r\nc\t\r\nd e\r\nf\tg\th\r\na\tb\r\n"i ""j"""\t k \r\n';
    const data = recogniseData(text, 'encoder-decoder');
    expect(data.form).toEqual({ task: 'translation', layout: 'tabs' });
    expect(data.examples).toEqual([
      { line: 0, start: 0, end: 3, source: 'a', target: 'b' },
      { line: 6, start: 28, end: 41, source: 'i "j"', target: 'k' },
    ]);
    expect(text.slice(28, 41)).toBe('"i ""j"""\t k ');
    expect(data.skipped).toEqual([
      { line: 1, reason: 'empty' },
      { line: 2, reason: 'oneSided' },
      { line: 3, reason: 'tabs' },
      { line: 4, reason: 'tabs' },
      { line: 5, reason: 'duplicate' },
    ]);
    expect(data.counts).toEqual({ empty: 1, oneSided: 1, tabs: 2, duplicate: 1 });
  });

  it('reads JSONL in all its forms', () => {
    const lines = [
      '{"source": "a", "target": "b"}',
      '{"src": "c", "tgt": "d"}',
      '{"translation": {"de": "f", "en": "e"}}',
      '{"translation": {"de": "f"}}',
      '{"text": "g"}',
      '{broken',
      '[1]',
    ];
    const data = recogniseData(lines.join('\n'), 'encoder-decoder', {
      languages: { source: 'en', target: 'de' },
    });
    expect(data.form).toEqual({ task: 'translation', layout: 'jsonl' });
    expect(data.examples.map(({ source, target }) => [source, target])).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e', 'f'],
    ]);
    expect(data.counts).toEqual({ oneSided: 1, fields: 1, notJson: 2 });
    const first = recogniseData('{"translation": {"fr": "f", "en": "e"}}', 'encoder-decoder');
    expect(first.examples[0]).toMatchObject({ source: 'f', target: 'e' });
  });

  it('reads two texts line by line', () => {
    const data = recogniseData('a\nb\n\nd', 'encoder-decoder', { second: 'A\r\nB\r\n\r\n\r\nE\r\n' });
    expect(data.form.layout).toBe('parallel');
    expect(data.examples.map(({ source, target }) => [source, target])).toEqual([
      ['a', 'A'],
      ['b', 'B'],
    ]);
    expect(data.skipped).toEqual([
      { line: 2, reason: 'empty' },
      { line: 3, reason: 'oneSided' },
      { line: 4, reason: 'oneSided' },
    ]);
  });

  it('reads running text by paragraphs, to predict what follows or what is masked', () => {
    const text = 'one\ntwo\n\n\nthree\r\n\r\none\ntwo';
    const data = recogniseData(text, 'decoder-only');
    expect(data.form).toEqual({ task: 'causal', layout: 'plain' });
    expect(data.examples.map(({ source }) => source)).toEqual(['one\ntwo', 'three']);
    expect(data.counts).toEqual({ duplicate: 1 });
    expect(data.examples.map(({ start, end }) => text.slice(start, end))).toEqual(['one\ntwo', 'three']);
    expect(recogniseData(text, 'encoder-only').form.task).toBe('masked');
    expect(recogniseData('{"text": "a"}\n{"text": "b"}', 'encoder-only').form).toEqual({
      task: 'masked',
      layout: 'jsonl',
    });
  });

  it('tells labels from pairs by how few there are', () => {
    const data = recogniseData('good\tyes\nbad\tno\ngood\tfine\nbad\tawful\n\tx', 'encoder-only');
    expect(data.form).toEqual({ task: 'classification', layout: 'tabs' });
    expect(data.labels).toEqual(['good', 'bad']);
    // The same text with another label would teach both.
    const contrary = recogniseData('good\ta b\nbad\tno\nbad\ta b\ngood\tc', 'encoder-only');
    expect(contrary.skipped).toEqual([{ line: 2, reason: 'duplicate' }]);
    expect(data.examples[1]).toMatchObject({ label: 'bad', source: 'no' });
    expect(data.counts).toEqual({ oneSided: 1 });
    const numbers = '{"text": "a", "label": 1}\n{"text": "b", "label": 0}\n{"text": "c", "label": 1}';
    expect(recogniseData(numbers, 'decoder-only').labels).toEqual(['1', '0']);
    // Every first column its own: no labels but text with tabs in it.
    expect(recogniseData('a\tb\nc\td\ne\tf\ng\th\ni\tj', 'encoder-only').form.task).toBe('masked');
    expect(recogniseData('a\tb\nc\td', 'encoder-only', { task: 'classification' }).examples).toHaveLength(2);
  });

  it('counts every line of plain text that a translator cannot learn from', () => {
    const data = recogniseData('one\ntwo', 'encoder-decoder');
    expect([data.examples, data.counts]).toEqual([[], { tabs: 2 }]);
    expect(recogniseData('', 'encoder-decoder').examples).toEqual([]);
  });

  it('leaves out what was read in a wrong encoding, and nothing that only looks odd', () => {
    const half = 'a\uD83D b\tc';
    const text = [
      half,
      'a\tb \uDE00',
      'f\uFFFDr\tfor',
      'a \u{1F600}\tb',
      '\u0000\tc',
      'e\u0301\u200D\tf',
    ].join('\n');
    const data = recogniseData(text, 'encoder-decoder');
    expect([data.counts, data.examples.map(({ line }) => line)]).toEqual([{ broken: 3 }, [3, 4, 5]]);
    expect(data.skipped[0]).toEqual({ line: 0, reason: 'broken' });
    // JSON writes half a pair as an escape.
    const json = '{"source": "a\\ud83d", "target": "b"}\n{"source": "\\ud83d\\ude00", "target": "b"}';
    expect(recogniseData(json, 'encoder-decoder').counts).toEqual({ broken: 1 });
    expect(recogniseData('one \uDC00\ntwo\n\nthree', 'decoder-only').counts).toEqual({ broken: 1 });
  });

  it('reads a huge line, a byte order mark, and every kind of line end, without losing its place', () => {
    const huge = 'word '.repeat(20_000);
    const text = `\uFEFFa\tb\r\n${huge}\t${huge}\rc\td\n\t\n\t\t\n \t x`;
    const data = recogniseData(text, 'encoder-decoder');
    expect(data.examples.map(({ start, end }) => text.slice(start, end))).toEqual([
      'a\tb',
      `${huge}\t${huge}`,
      'c\td',
    ]);
    expect(data.skipped).toEqual([
      { line: 3, reason: 'empty' },
      { line: 4, reason: 'empty' },
      { line: 5, reason: 'oneSided' },
    ]);
    const json = `${JSON.stringify({ source: huge, target: huge })}\n{"source": ${JSON.stringify(huge)}`;
    const lines = recogniseData(json, 'encoder-decoder');
    expect([lines.examples.length, lines.counts]).toEqual([1, { notJson: 1 }]);
  });

  it('reads 100,000 lines in one go', () => {
    const text = Array.from({ length: 100_000 }, (_, i) => `source ${i}\ttarget ${i}`).join('\r\n');
    expect(recogniseData(text, 'encoder-decoder').examples).toHaveLength(100_000);
  });
});

/** A word is a token: its length is its id, and words with a Cyrillic letter are unknown (0). */
const words = (text: string, after: readonly number[] = []): TokenSequence => ({
  text,
  words: [],
  tokens: [
    ...[...text.matchAll(/\S+/g)].map(({ 0: word, index }) => ({
      ...{ id: /[а-я]/.test(word) ? 0 : 10 + word.length, special: false, piece: '', label: '', word: 0 },
      ...{ start: index, end: index + word.length },
    })),
    ...after.map((id) => ({ id, special: true, piece: '', label: '', start: -1, end: -1, word: 0 })),
  ],
});

const reading: Reading = {
  source: (text) => words(text, [2]),
  target: (text) => words(text, [2]),
  decoderStart: 1,
  unknown: 0,
  maxTokens: { source: 5, target: 4 },
};

describe('readExamples', () => {
  it('shifts the target, and leaves out what is too long or in an unknown script', async () => {
    const text = 'a bb\tccc d\na b c d e\tf\na\tb c d e\nпривет мир\ta\na b c привет\tf\n';
    const { data, examples } = await readExamples(recogniseData(text, 'encoder-decoder'), reading);
    expect(examples).toEqual([
      { example: 0, input: [11, 12, 2], decoder: [1, 13, 11], labels: [13, 11, 2] },
      { example: 1, input: [11, 11, 11, 0, 2], decoder: [1, 11], labels: [11, 2] },
    ]);
    expect(data.examples.map(({ line }) => line)).toEqual([0, 4]);
    expect(data.counts).toEqual({ tooLong: 2, unknownScript: 1 });
    expect(data.skipped).toContainEqual({ line: 3, reason: 'unknownScript' });
  });

  it('counts one text of 100,000 characters as too long, or cuts it where text may be cut', async () => {
    const long = 'word '.repeat(20_000).trim();
    const pairs = await readExamples(recogniseData(`${long}\ta\na\tb`, 'encoder-decoder'), reading);
    expect([pairs.data.counts, pairs.examples.length]).toEqual([{ tooLong: 1 }, 1]);
    const label = recogniseData(`x\t${long}\ny\ta`, 'encoder-only', { task: 'classification' });
    expect((await readExamples(label, reading)).data.counts).toEqual({ tooLong: 1 });
    const text = await readExamples(recogniseData(long, 'decoder-only'), reading);
    expect([text.data.counts, text.examples.length]).toEqual([{}, 4000]);
    expect(text.examples.every(({ input }) => input.length <= 5)).toBe(true);
  });

  it('counts text of a script that the tokenizer does not know in every task', async () => {
    for (const [family, text] of [
      ['decoder-only', 'привет мир\n\na b'],
      ['encoder-only', 'привет мир\n\na b'],
      ['encoder-only', 'x\tпривет мир\nx\ta b\ny\tc'],
      ['encoder-decoder', 'a\tпривет мир\na\tb'],
    ] as const) {
      const { data } = await readExamples(recogniseData(text, family), reading);
      expect(data.counts).toEqual({ unknownScript: 1 });
    }
  });

  it('cuts running text, and asks for the next token or the hidden one', async () => {
    const text = 'a bb ccc dddd eeeee ffffff';
    const causal = await readExamples(recogniseData(text, 'decoder-only'), reading);
    expect(causal.examples.map(({ input, labels }) => [input, labels])).toEqual([
      [
        [11, 12, 13, 14, 15],
        [12, 13, 14, 15, 16],
      ],
      [[16], [2]],
    ]);
  });

  it('counts each block of running text, with its own place in the data', async () => {
    const text = 'a\n\nbb ccc\ndddd eeeee\nffffff g hh\n\niii jjjj';
    for (const [family, most] of [
      ['decoder-only', 3],
      // One of them is the token that ends each block.
      ['encoder-only', 4],
    ] as const) {
      const { data, examples } = await readExamples(recogniseData(text, family), {
        ...reading,
        maxTokens: { source: most, target: most },
      });
      const cut = data.examples.filter(({ line }) => line > 0 && line < 6);
      expect(cut.map(({ source, line }) => [source, line])).toEqual([
        ['bb ccc\ndddd', 2],
        ['eeeee\nffffff g', 3],
        ['hh', 4],
      ]);
      for (const { source, start, end } of data.examples) {
        expect(text.slice(start, end)).toBe(source);
      }
      expect(examples.map(({ example }) => example)).toEqual(data.examples.map((_, i) => i));
    }
  });

  it('frames each block of a long text to be masked as the tokenizer frames a text', async () => {
    const framed = (text: string): TokenSequence => {
      const { tokens, ...rest } = words(text, [2]);
      return { ...rest, tokens: [{ ...tokens[tokens.length - 1], id: 1 }, ...tokens] };
    };
    const maxTokens = { source: 5, target: 5 };
    const read = async (text: string) =>
      (await readExamples(recogniseData(text, 'encoder-only'), { source: framed, unknown: 0, maxTokens }))
        .examples;
    const no = NO_LABEL;
    expect(await read('a bb ccc dddd eeeee')).toEqual([
      { example: 0, decoder: undefined, input: [1, 11, 12, 13, 2], labels: [no, 11, 12, 13, no] },
      { example: 1, decoder: undefined, input: [1, 14, 15, 2], labels: [no, 14, 15, no] },
    ]);
    expect((await read('a bb ccc')).map(({ input }) => input)).toEqual([[1, 11, 12, 13, 2]]);
    // Without a frame, nothing is put around the blocks.
    const bare = { source: (text: string) => words(text), unknown: 0, maxTokens };
    const { examples } = await readExamples(recogniseData('a b c d e f', 'encoder-only'), bare);
    expect(examples.map(({ input }) => input.length)).toEqual([5, 1]);
  });

  it('numbers the classes by the labels of all data', async () => {
    const text = 'x\tпривет\ny\ta\nz\tb\ny\tc\nx\tмир';
    const { data, examples } = await readExamples(
      recogniseData(text, 'encoder-only', { task: 'classification' }),
      reading,
    );
    expect(data.labels).toEqual(['x', 'y', 'z']);
    expect(examples.map(({ labels }) => labels)).toEqual([[1], [2], [1]]);
  });

  it('stops when it is told to', async () => {
    const text = Array.from({ length: 1000 }, (_, i) => `a${i}\tb`).join('\n');
    const signal = AbortSignal.abort();
    await expect(readExamples(recogniseData(text, 'encoder-decoder'), reading, { signal })).rejects.toThrow();
  });
});

describe('holding out', () => {
  it('takes a tenth from 30 on, the same for the same seed', () => {
    expect(holdOut(29, 1).heldOut).toEqual([]);
    const { train, heldOut } = holdOut(38, 1);
    expect(heldOut).toHaveLength(4);
    expect([...train, ...heldOut].sort((a, b) => a - b)).toEqual(Array.from({ length: 38 }, (_, i) => i));
    expect(holdOut(38, 1)).toEqual({ train, heldOut });
    expect(holdOut(38, 2).heldOut).not.toEqual(heldOut);
    expect(holdOut(100_000, 1).heldOut).toHaveLength(500);
    expect(holdOut(10, 1, 3).heldOut).toHaveLength(3);
    expect(() => holdOut(3, 1, 3)).toThrow(RangeError);
  });
});

describe('batches', () => {
  const options = { tokens: 64, examples: 6, accumulation: 2, seed: 5 };
  const lengths = Array.from({ length: 200 }, (_, i) => 1 + ((i * 37) % 30));

  it('hold every example once an epoch, within the limits, in another order each time', () => {
    const steps = planEpoch(lengths, options, 0);
    const seen = steps.flat(2).sort((a, b) => a - b);
    expect(seen).toEqual(Array.from({ length: 200 }, (_, i) => i));
    let padding = 0;
    for (const batch of steps.flat()) {
      const longest = Math.max(...batch.map((i) => lengths[i]));
      expect(batch.length).toBeLessThanOrEqual(6);
      expect(batch.length * longest).toBeLessThanOrEqual(64);
      padding += batch.reduce((sum, i) => sum + longest - lengths[i], 0);
    }
    expect(padding / lengths.reduce((a, b) => a + b)).toBeLessThan(0.05);
    expect(steps.slice(0, -1).every((step) => step.length === 2)).toBe(true);
    expect(planEpoch(lengths, options, 0)).toEqual(steps);
    expect(planEpoch(lengths, options, 1)).not.toEqual(steps);
    expect(planEpoch(lengths, { ...options, seed: 6 }, 0)).not.toEqual(steps);
    // Not from short to long.
    const first = steps.flat().map((batch) => lengths[batch[0]]);
    expect(first).not.toEqual([...first].sort((a, b) => a - b));
  });

  it('run an example alone that is longer than the limit', () => {
    expect(
      planEpoch([100, 1, 1], { ...options, accumulation: 1 }, 0).map(([batch]) => batch.length),
    ).toContain(1);
  });

  const example = (input: number[], labels: number[], decoder?: number[]): TokenExample => ({
    example: 0,
    input,
    decoder,
    labels,
  });

  it('become padded tensors', () => {
    const batch = makeBatch([example([5, 6], [7, 8, 2], [1, 7, 8]), example([9], [2], [1])], 99);
    const values = (tensor: typeof batch.input | undefined) => Array.from(tensor?.data ?? [], Number);
    expect([batch.input.dims, values(batch.input)]).toEqual([
      [2, 2],
      [5, 6, 9, 99],
    ]);
    expect(values(batch.inputMask)).toEqual([1, 1, 1, 0]);
    expect(values(batch.decoder)).toEqual([1, 7, 8, 1, 99, 99]);
    expect(values(batch.labels)).toEqual([7, 8, 2, 2, 0, 0]);
    expect(values(batch.labelWeights)).toEqual([1, 1, 1, 1, 0, 0]);
    expect([batch.labelCount, batch.tokens]).toEqual([4, 7]);
  });

  it('hide 15 % of the tokens, most behind the mask token', () => {
    const labels = Array.from({ length: 4000 }, (_, i) => (i % 10 === 0 ? NO_LABEL : 500 + i));
    const input = labels.map((label, i) => (label === NO_LABEL ? 3 : 500 + i));
    const masking = { generator: Generator.of(1), mask: 4, first: 100, count: 50 };
    const batch = makeBatch([example(input, labels)], 0, masking);
    const read = Array.from(batch.input.data, Number);
    const weights = Array.from(batch.labelWeights.data, Number);
    expect(batch.labelCount / 3600).toBeCloseTo(0.15, 1);
    const hidden = weights.flatMap((weight, i) => (weight === 1 ? [i] : []));
    expect(hidden.every((i) => labels[i] !== NO_LABEL && Number(batch.labels.data[i]) === labels[i])).toBe(
      true,
    );
    const share = (test: (i: number) => boolean) => hidden.filter(test).length / hidden.length;
    expect(share((i) => read[i] === 4)).toBeCloseTo(0.8, 1);
    expect(share((i) => read[i] >= 100 && read[i] < 150)).toBeCloseTo(0.1, 1);
    expect(read.every((id, i) => weights[i] === 1 || id === input[i])).toBe(true);
    const short = makeBatch([example([7], [7])], 0, { ...masking, share: 0 });
    expect(short.labelCount).toBe(1);
  });
});
