// Which words of a source a target says nothing of, and which words of a target say again what stands before them, as far as attention can tell.
import { aggregate } from '../shared/aggregate';
import type { Matrix } from '../shared/tensor';
import { rowOf } from '../shared/tensor';
import type { TokenSequence, Word } from '../shared/tokens';

/** Indexes into the words of a sequence. */
export interface Coverage {
  /** Of the source. */
  readonly untranslated: readonly number[];
  /** Of the target. */
  readonly repeated: readonly number[];
}

/**
 * A source word with less coverage is untranslated; one target word gives 1 in all. Measured with the shipped translator
 * (`npm run bench -- coverage`): of sentences that a target leaves out it finds 43 % of the words, among those that are there 5 % of
 * what somebody else has translated and 0.8 % of what the model says itself.
 */
const UNTRANSLATED_BELOW = 0.1;
/** Words in a row that are said again of the same source words. */
const REPEATED_PHRASE = 2;
/** Copies in a row that a single word may have: "nous nous levons" says nothing twice. */
const SINGLE_COPIES = 2;

/**
 * A source word is untranslated when its {@link readWords} coverage is below a threshold. Repeated is a phrase of at least two
 * words that came before and looks at the same source words, or follows itself at once, unless the source says it twice, too; and
 * a single word from its third time in a row.
 *
 * @param attention `[target token, source token]`, of heads that align.
 */
export function coverage(attention: Matrix, source: TokenSequence, target: TokenSequence): Coverage {
  const { from, to, covered, tops } = readWords(attention, source, target);
  return {
    untranslated: from.filter((_index, word) => covered[word] < UNTRANSLATED_BELOW),
    repeated: repeatedWords(
      to.map((index) => spell(target.words[index])),
      tops,
      from.map((index) => spell(source.words[index])),
    ).map((word) => to[word]),
  };
}

/** The words of a source and a target, punctuation left out, and how they look at each other. */
export interface WordsRead {
  /** Indexes into the words of the source, and of the target. */
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** The coverage of each source word. */
  readonly covered: Float64Array;
  /** For each target word the source word that it looks at most, as a place in `from`. */
  readonly tops: readonly number[];
}

/**
 * Coverage is the sum over all steps of the attention that a source word gets (Tu et al. 2016, section 3.1); here over the words
 * of the target, the weights of each among the words of the source alone: what goes to tags, ends and punctuation says nothing.
 */
export function readWords(attention: Matrix, source: TokenSequence, target: TokenSequence): WordsRead {
  const said = ({ words }: TokenSequence) => words.flatMap((word, index) => (isSaid(word) ? [index] : []));
  const [from, to] = [said(source), said(target)];
  const words = aggregate(
    attention,
    to.map((index) => target.words[index]),
    from.map((index) => source.words[index]),
  );
  const covered = new Float64Array(from.length);
  const tops = to.map((_index, row) => {
    const weights = rowOf(words, row);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    weights.forEach((weight, word) => (covered[word] += sum > 0 ? weight / sum : 0));
    return weights.indexOf(Math.max(...weights));
  });
  return { from, to, covered, tops };
}

/** Words of a text that goes on from another one and says the same phrase again at once. */
export function repeatedAtOnce(target: TokenSequence): number[] {
  const words = target.words.flatMap((word, index) => (isSaid(word) ? [index] : []));
  const labels = words.map((index) => spell(target.words[index]));
  // No word stands for the same source as another one.
  const own = [...labels.keys()];
  return repeatedWords(labels, own, own.map(String)).map((word) => words[word]);
}

const spell = ({ label }: Word): string => label.toLowerCase();

/** Words have letters or digits; punctuation is neither missed nor repeated. */
function isSaid({ label, start }: Word): boolean {
  return start >= 0 && /[\p{L}\p{N}]/u.test(label);
}

/**
 * @param labels Of the target's words.
 * @param tops The source word that each of them looks at most.
 * @param source Labels of the source's words.
 */
function repeatedWords(
  labels: readonly string[],
  tops: readonly number[],
  source: readonly string[],
): number[] {
  const repeated = new Set<number>();
  for (let lag = 1; lag < labels.length; lag++) {
    const isCopy = (word: number) => labels[word] === labels[word - lag];
    const looksAtSame = (word: number) => tops[word] === tops[word - lag];
    const saidTwice = (word: number) => !looksAtSame(word) && source[tops[word]] === source[tops[word - lag]];
    for (const run of runs(lag, labels.length, (word) => isCopy(word) && looksAtSame(word))) {
      if (run.length >= REPEATED_PHRASE) {
        run.forEach((word) => repeated.add(word));
      }
    }
    for (const run of runs(lag, labels.length, (word) => isCopy(word) && !saidTwice(word))) {
      if (run.length >= Math.max(lag, SINGLE_COPIES)) {
        run.forEach((word) => repeated.add(word));
      }
    }
  }
  return [...repeated].sort((a, b) => a - b);
}

/** Words from `first` on that fulfil a condition, in unbroken rows. */
function runs(first: number, end: number, holds: (word: number) => boolean): number[][] {
  const found: number[][] = [];
  let open: number[] = [];
  for (let word = first; word < end; word++) {
    if (!holds(word)) {
      open = [];
      continue;
    }
    if (open.length === 0) {
      found.push(open);
    }
    open.push(word);
  }
  return found;
}
