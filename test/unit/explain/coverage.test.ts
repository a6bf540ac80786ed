// Coverage by attention of small, made-up matrices: what is missed, what is said again, and what is neither.
import { describe, expect, test } from 'vitest';
import { coverage, readWords, repeatedAtOnce } from '../../../src/explain/coverage';
import type { Matrix } from '../../../src/shared/tensor';
import type { TokenSequence } from '../../../src/shared/tokens';
import { wordsOf } from '../../../src/tokenizer/words';

/** One token for each word; `</s>` at the end is special. */
function sequence(text: string): TokenSequence {
  let at = 0;
  const tokens = text.split(' ').map((piece, id) => {
    const start = text.indexOf(piece, at);
    at = start + piece.length;
    const special = piece === '</s>';
    return { id, piece, label: piece, start: special ? -1 : start, end: special ? -1 : at, special };
  });
  return wordsOf(text, tokens);
}

/** Each target token gives 0.9 to one source token and the rest evenly to the others. */
function looking(at: readonly number[], columns: number): Matrix {
  const data = Float32Array.from(
    at.flatMap((top) => Array.from({ length: columns }, (_, i) => (i === top ? 0.9 : 0.1 / (columns - 1)))),
  );
  return { rows: at.length, columns, data };
}

const marked = (target: string, at: readonly number[], source = 'a b c d e f . </s>') => {
  const read = sequence(source);
  const said = sequence(target);
  const found = coverage(looking(at, read.tokens.length), read, said);
  return {
    untranslated: found.untranslated.map((word) => read.words[word].label).join(' '),
    repeated: found.repeated,
  };
};

describe('untranslated', () => {
  test('a word that no target word looks at', () => {
    expect(marked('u v x y', [0, 1, 2, 3], 'a b c d').untranslated).toBe('');
    const only = looking([0, 1, 2], 4);
    only.data[3] = only.data[7] = only.data[11] = 0.001;
    expect(coverage(only, sequence('a b c d'), sequence('u v x')).untranslated).toEqual([3]);
  });

  test('what looks at tags, ends and punctuation does not count, and they are never missed', () => {
    const { from, covered } = readWords(
      looking([0, 1, 3, 4], 5),
      sequence('a b c . </s>'),
      sequence('u v . </s>'),
    );
    expect(from).toEqual([0, 1, 2]);
    // Two target words give 1 each; the full stop and the end give nothing.
    expect(covered.reduce((a, b) => a + b, 0)).toBeCloseTo(2, 6);
  });

  test('a word of several pieces is read as one', () => {
    const pieces = wordsOf('street', [
      { id: 0, piece: 'str', label: 'str', start: 0, end: 3, special: false },
      { id: 1, piece: 'eet', label: 'eet', start: 3, end: 6, special: false },
    ]);
    const { covered } = readWords(
      { rows: 1, columns: 2, data: Float32Array.of(0.5, 0.5) },
      pieces,
      sequence('u'),
    );
    expect([...covered]).toEqual([1]);
  });

  test('an empty target says nothing of any word', () => {
    expect(marked('</s>', [7])).toEqual({ untranslated: 'a b c d e f', repeated: [] });
  });
});

describe('repeated', () => {
  test('a phrase again that looks at the same words, also later', () => {
    expect(marked('u v x u v', [0, 1, 2, 0, 1]).repeated).toEqual([3, 4]);
    expect(marked('u v x u v', [0, 1, 2, 3, 4]).repeated).toEqual([]);
    expect(marked('u x y u', [0, 2, 3, 0]).repeated).toEqual([]);
  });

  test('a phrase that follows itself, wherever it looks', () => {
    expect(marked('u v u v x', [0, 1, 2, 3, 4]).repeated).toEqual([2, 3]);
    expect(marked('u U u u', [0, 1, 2, 3]).repeated).toEqual([1, 2, 3]);
  });

  test('not where the source says it twice, and not a single word said twice', () => {
    expect(marked('u v u v', [0, 1, 2, 3], 'a b a b').repeated).toEqual([]);
    expect(marked('u v u v', [0, 1, 0, 1], 'a b a b').repeated).toEqual([2, 3]);
    expect(marked('nous nous levons', [0, 0, 1]).repeated).toEqual([]);
  });

  test('of a text that goes on from another, only what follows itself at once', () => {
    expect(repeatedAtOnce(sequence('u v u v x y u v'))).toEqual([2, 3]);
    expect(repeatedAtOnce(sequence('u v x . u v y'))).toEqual([]);
  });
});
