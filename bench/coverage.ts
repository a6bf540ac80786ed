// How well cross-attention aligns words, and how well it tells what a translation left out or says twice. Last line: all figures as JSON.
import { existsSync, readFileSync } from 'node:fs';
import { readWords } from '../src/explain/coverage';
import type { Engine } from '../src/shared/protocol';
import { defaultHeads } from '../src/shared/headChoice';
import { rowOf } from '../src/shared/tensor';
import type { TokenSequence } from '../src/shared/tokens';
import type { HeadChoice, TranslationExplanation } from '../src/shared/translation';
import { aggregate } from '../src/shared/aggregate';
import { DEFAULT_DECODING } from '../src/shared/translation';
import { shippedFiles, startEngine } from './engineWorker';

const model = 'model';
const language = 'de';
/** Sentences of a corpus that is not part of the project, where it is there. */
const corpus = '../shared/corpora/tatoeba-test-unseen/en-de.tsv';
const PAIRS = 60;
const thresholds = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3];

interface Pair {
  readonly source: string;
  readonly target: string;
}

interface Aligned extends Pair {
  readonly sure: ReadonlySet<string>;
  readonly possible: ReadonlySet<string>;
}

function readAlignments(): Aligned[] {
  const natural = (words: string) => words.trim().replace(/ ([.,?!])/g, '$1');
  return readFileSync('models/recipe/alignments.txt', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [source, target, links] = line.split('|||');
      const all = links.trim().split(' ');
      return {
        source: natural(source),
        target: natural(target),
        sure: new Set(all.filter((link) => link.includes('-'))),
        possible: new Set(all.map((link) => link.replace('?', '-'))),
      };
    });
}

async function explain(
  engine: Engine,
  { source, target }: Pair,
  heads: HeadChoice,
): Promise<TranslationExplanation> {
  const { tokens } = await engine.tokenize({ model, text: target });
  const ids = tokens.filter(({ special }) => !special).map(({ id }) => id);
  return engine.explainTranslation({ model, text: source, ids, language, heads, alternatives: 0 });
}

const wordsIn = ({ words }: TokenSequence) => words.filter(({ start }) => start >= 0);

/** Alignment error rate (Och and Ney 2003): each target word is linked to the source word that it looks at most. */
async function errorRate(engine: Engine, pairs: readonly Aligned[], heads: HeadChoice): Promise<number> {
  let [hits, total] = [0, 0];
  for (const pair of pairs) {
    const { source, target, attention } = await explain(engine, pair, heads);
    const words = aggregate(attention, wordsIn(target), wordsIn(source));
    const links = wordsIn(target).map((_word, row) => {
      const weights = rowOf(words, row);
      return `${weights.indexOf(Math.max(...weights))}-${row}`;
    });
    hits +=
      links.filter((link) => pair.sure.has(link)).length +
      links.filter((link) => pair.possible.has(link)).length;
    total += links.length + pair.sure.size;
  }
  return 1 - hits / total;
}

function readPairs(): Pair[] {
  if (!existsSync(corpus)) {
    return readAlignments();
  }
  const lines = readFileSync(corpus, 'utf8')
    .split('\n')
    .map((line) => line.split('\t'));
  return lines
    .filter(
      ([source = '', target]) => target && source.split(' ').length >= 5 && source.split(' ').length <= 14,
    )
    .slice(0, 2 * PAIRS)
    .map(([source, target]) => ({ source, target }));
}

const share = (part: number, all: number) => Number((part / Math.max(1, all)).toPrecision(3));

/** Two sentences as one source; the target says both, or only one of them: whose words are found to be missing? */
async function missing(engine: Engine, pairs: readonly Pair[], heads: HeadChoice) {
  const gone: number[] = [];
  const there: number[] = [];
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const [a, b] = [pairs[i], pairs[i + 1]];
    const source = `${a.source} ${b.source}`;
    for (const [target, isGone] of [
      [`${a.target} ${b.target}`, () => false],
      [a.target, (start: number) => start > a.source.length],
      [b.target, (start: number) => start < a.source.length],
    ] as const) {
      const explanation = await explain(engine, { source, target }, heads);
      const { from, covered } = readWords(explanation.attention, explanation.source, explanation.target);
      from.forEach((index, word) => {
        (isGone(explanation.source.words[index].start) ? gone : there).push(covered[word]);
      });
    }
  }
  const below = (values: readonly number[], limit: number) =>
    share(values.filter((value) => value < limit).length, values.length);
  return thresholds.map((limit) => ({ limit, found: below(gone, limit), falsely: below(there, limit) }));
}

/** The model's own translations, and the same with their last words said once more. */
async function own(engine: Engine, pairs: readonly Pair[], heads: HeadChoice) {
  const covered: number[] = [];
  let [untranslated, targets, repeated, again, found, falsely] = [0, 0, 0, 0, 0, 0];
  for (const { source } of pairs) {
    const [{ hypotheses }] = await engine.translate({
      model,
      texts: [source],
      language,
      decoding: DEFAULT_DECODING,
    });
    const target = hypotheses[0].target.text;
    const plain = await explain(engine, { source, target }, heads);
    covered.push(...readWords(plain.attention, plain.source, plain.target).covered);
    untranslated += plain.untranslated.length;
    targets += wordsIn(plain.target).length;
    repeated += plain.repeated.length;
    const last = /(\S+ \S+ \S+?)([.!?]?)$/.exec(target);
    if (last) {
      const [, phrase, end] = last;
      const twice = `${target.slice(0, target.length - end.length)} ${phrase}${end}`;
      const said = await explain(engine, { source, target: twice }, heads);
      const from = twice.length - phrase.length - end.length;
      const copies = said.target.words.filter(
        ({ start, label }) => start >= from && /[\p{L}\p{N}]/u.test(label),
      ).length;
      const marked = said.repeated.map((word) => said.target.words[word].start);
      again += copies;
      found += marked.filter((start) => start >= from).length;
      falsely += marked.filter((start) => start < from).length;
    }
  }
  return {
    untranslated: share(untranslated, covered.length),
    below: thresholds.map((limit) => ({
      limit,
      falsely: share(covered.filter((value) => value < limit).length, covered.length),
    })),
    repeated: share(repeated, targets),
    again: { found: share(found, again), falsely: share(falsely, targets) },
  };
}

const { engine, stop, loaded } = await startEngine(shippedFiles());
const { layers } = loaded.summary;
const alignments = readAlignments();
const rates: Record<string, number> = {};
for (const layer of ['all', ...Array.from({ length: layers.decoder }, (_, each) => each)] as const) {
  rates[`layer ${layer} mean`] = share(
    await errorRate(engine, alignments, { layer: layer as HeadChoice['layer'], head: 'mean' }),
    1,
  );
}
const heads = defaultHeads(loaded.summary);
for (let head = 0; head < loaded.summary.heads; head++) {
  rates[`layer ${heads.layer} head ${head}`] = share(
    await errorRate(engine, alignments, { ...heads, head }),
    1,
  );
}
console.log('Alignment error rate, layers and heads from 0:', rates);
const pairs = readPairs();
const left = await missing(engine, pairs, heads);
console.log(
  'Words of a sentence left out of the target, and of one that is there, with less coverage than a limit:',
);
console.table(left);
const translated = await own(engine, pairs, heads);
console.log(
  "Words marked in the model's own translations, and with the last three words said again:",
  translated,
);
await stop();
console.log(JSON.stringify({ rates, missing: left, own: translated, pairs: pairs.length }));
