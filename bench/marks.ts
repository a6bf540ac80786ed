// How well emphasis finds its words again: spans of hand-aligned sentences, placed in their translations by cross-attention.
import { readFileSync } from 'node:fs';
import { alignWords } from '../src/passage/alignWords';
import { placeMarks } from '../src/passage/placeMarks';
import { defaultHeads } from '../src/shared/headChoice';
import { shippedFiles, startEngine } from './engineWorker';

/** Words of the longest span. */
const LONGEST = 3;

interface Span {
  readonly first: number;
  readonly last: number;
}

interface Aligned {
  readonly source: readonly string[];
  readonly target: readonly string[];
  /** Sure links only, `[source word, target word]`. */
  readonly links: readonly (readonly [number, number])[];
}

/** Without the signs at the ends of sentences, which are no words. */
const said = (word: string) => /[\p{L}\p{N}]/u.test(word);

function readAlignments(): Aligned[] {
  return readFileSync('models/recipe/alignments.txt', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [source, target, links] = line.split('|||').map((part) => part.trim());
      return {
        source: source.split(' '),
        target: target.split(' '),
        links: links
          .split(' ')
          .filter((link) => link.includes('-'))
          .map((link) => link.split('-').map(Number) as [number, number]),
      };
    });
}

/** The words that a span of the source stands for, where they stand together and for nothing else. */
function goldOf({ links, source }: Aligned, { first, last }: Span): Span | undefined {
  const inside = links.filter(([from]) => from >= first && from <= last);
  if (
    !source
      .slice(first, last + 1)
      .every((word, at) => said(word) && inside.some(([from]) => from === first + at))
  ) {
    return undefined;
  }
  const words = inside.map(([, to]) => to);
  const span = { first: Math.min(...words), last: Math.max(...words) };
  const strangers = links.some(
    ([from, to]) => (from < first || from > last) && to >= span.first && to <= span.last,
  );
  return strangers ? undefined : span;
}

/** UTF-16 offsets of each word in the text that reads naturally. */
function written(words: readonly string[]): { readonly text: string; readonly starts: readonly number[] } {
  let text = '';
  const starts = words.map((word) => {
    text += text === '' || /^[.,?!]$/u.test(word) ? '' : ' ';
    text += word;
    return text.length - word.length;
  });
  return { text, starts };
}

const { engine, stop, loaded } = await startEngine(shippedFiles());
let [spans, exact, near, none] = [0, 0, 0, 0];
for (const pair of readAlignments()) {
  const source = written(pair.source);
  const target = written(pair.target);
  const { tokens } = await engine.tokenize({ model: 'model', text: target.text });
  const explanation = await engine.explainTranslation({
    model: 'model',
    text: source.text,
    ids: tokens.filter(({ special }) => !special).map(({ id }) => id),
    language: 'de',
    heads: defaultHeads(loaded.summary),
    alternatives: 0,
  });
  const words = alignWords(explanation, []);
  for (let first = 0; first < pair.source.length; first++) {
    for (let last = first; last < Math.min(pair.source.length, first + LONGEST); last++) {
      const gold = goldOf(pair, { first, last });
      if (!gold) {
        continue;
      }
      spans++;
      const start = source.starts[first];
      const end = source.starts[last] + pair.source[last].length;
      const mark = { kind: 'pair', start, end, open: '**', close: '**' } as const;
      const { edits } = placeMarks([mark], source.text, explanation.target.text, words);
      const [open, close] = edits.map((edit) => edit.start);
      const from = target.starts[gold.first];
      const to = target.starts[gold.last] + pair.target[gold.last].length;
      none += open === undefined ? 1 : 0;
      exact += open === from && close === to ? 1 : 0;
      near += open !== undefined && open < to && from < close ? 1 : 0;
    }
  }
}
await stop();
console.log(JSON.stringify({ spans, exact, overlapping: near, none }));
