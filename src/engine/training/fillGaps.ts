// What a masked language model fills into gaps of examples: what a training on running text has changed, to be read and to be counted.
import type { Runtime } from '../../runtime/runtime';
import type { BeforeAfter, Change } from '../../shared/training';
import type { TextTokenizer } from '../../tokenizer/textTokenizer';
import type { TokenExample } from '../../training/data/readExamples';
import { NO_LABEL } from '../../training/data/readExamples';
import { Generator } from '../../training/generator';
import { placesToMask } from '../../training/makeBatch';
import { tokenizerOf } from '../model';
import type { Weights } from './likeliest';
import { likeliest } from './likeliest';
import type { Training } from './training';

/** Tokens of a text that are shown around its first gap, at most: enough to guess by. */
const MOST_TOKENS = 32;
/** Those before the gap, where there are so many. */
const BEFORE_GAP = 12;
/** Between what is filled into one gap and the next: no token of a text by itself. */
const BETWEEN = ' · ';

/** An example with the mask token in some places; `labels` are what was there, and nothing elsewhere. */
export interface GapExample extends TokenExample {
  /** Ascending. */
  readonly gaps: readonly number[];
}

export interface FilledGaps {
  /** A text with the mask token in its gaps, and what was and is filled in; each text once. */
  readonly examples: readonly BeforeAfter[];
  /** Share of the gaps of the measured examples that are filled with what was there. */
  readonly filled: Change;
}

/**
 * Hides tokens as masked language modelling does (Devlin et al. 2019, section 3.1), but each behind the mask token, the same for
 * the same seed; all of them are predicted at once.
 *
 * @param examples Those measured on, then others that are shown as well.
 * @param measured How many of them are measured on.
 * @throws as `likeliest`
 */
export async function fillGaps(
  runtime: Runtime,
  training: Training,
  examples: readonly TokenExample[],
  measured: number,
  sets: readonly [before: Weights, now: Weights],
  signal: AbortSignal | undefined,
): Promise<FilledGaps> {
  const { read, model, request } = training;
  const tokenizer = tokenizerOf(model);
  const { mask } = tokenizer.special;
  const hidden = mask === undefined ? [] : withGaps(examples, mask, request.options.seed);
  const [before, now] = await likeliest(runtime, training, hidden, sets, signal);
  const isHeldOut = read.heldOut.length > 0;
  return {
    filled: { before: share(hidden, before, measured), now: share(hidden, now, measured) },
    examples: hidden.flatMap((each, i): BeforeAfter[] => {
      const { source } = read.data.examples[each.example];
      // A block of a long text may begin inside a word, which is read in another way where it stands alone.
      if (each.gaps.length === 0 || !isReadAs(tokenizer, source, examples[i].input)) {
        return [];
      }
      const { text, gaps } = gapText(tokenizer, source, each.gaps);
      const filledBy = (ids: readonly number[]): string =>
        gaps.map((place) => spelled(tokenizer, ids[place])).join(BETWEEN);
      return [
        {
          source: text,
          wanted: filledBy(each.labels),
          before: filledBy(before[i]),
          now: filledBy(now[i]),
          heldOut: isHeldOut && i < measured,
        },
      ];
    }),
  };
}

function isReadAs(tokenizer: TextTokenizer, source: string, ids: readonly number[]): boolean {
  const { tokens } = tokenizer.encode(source);
  return tokens.length === ids.length && tokens.every(({ id }, place) => id === ids[place]);
}

/** Hides tokens of each example; which, depends on the seed and the example's place in the list alone. */
export function withGaps(examples: readonly TokenExample[], mask: number, seed: number): GapExample[] {
  return examples.map((example, index) => {
    const gaps = placesToMask(example.labels, Generator.of(seed, 'gaps', index));
    const isGap = new Set(gaps);
    return {
      ...example,
      gaps,
      input: example.input.map((id, place) => (isGap.has(place) ? mask : id)),
      labels: example.labels.map((label, place) => (isGap.has(place) ? label : NO_LABEL)),
    };
  });
}

/**
 * The text around the first gap, with the mask token as the model's own tokenizer reads it in place of what is hidden.
 *
 * @param gaps Places of the tokenised text, ascending and at least one.
 * @returns With the gaps that are in the piece.
 */
export function gapText(
  tokenizer: TextTokenizer,
  source: string,
  gaps: readonly number[],
): { readonly text: string; readonly gaps: readonly number[] } {
  const { tokens, words } = tokenizer.encode(source);
  const mask = tokenizer.pieceOf(tokenizer.special.mask ?? -1) ?? '';
  // From a word's beginning to a word's end.
  const first = words[tokens[Math.max(0, gaps[0] - BEFORE_GAP)].word].first;
  const last = words[tokens[Math.max(gaps[0], Math.min(tokens.length, first + MOST_TOKENS) - 1)].word].last;
  const piece = tokens.slice(first, last + 1).filter(({ start }) => start >= 0);
  const isGap = new Set(gaps);
  let text = '';
  let at = piece[0]?.start ?? 0;
  for (const [place, { start, end }] of tokens.entries()) {
    if (place >= first && place <= last && isGap.has(place) && start >= 0) {
      // The space before a word may belong to its token.
      const space = /^\s*/u.exec(source.slice(start, end))?.[0] ?? '';
      text += source.slice(at, start) + space + mask;
      at = Math.max(at, end);
    }
  }
  text += source.slice(at, piece.at(-1)?.end ?? at);
  return { text: text.trim(), gaps: gaps.filter((place) => place >= first && place <= last) };
}

function spelled(tokenizer: TextTokenizer, id: number): string {
  return tokenizer.decode([id], { skipSpecial: false }).trim() || (tokenizer.pieceOf(id) ?? `<${id}>`);
}

function share(
  examples: readonly GapExample[],
  found: readonly (readonly number[])[],
  measured: number,
): number {
  let [right, all] = [0, 0];
  for (const [i, { gaps, labels }] of examples.slice(0, measured).entries()) {
    right += gaps.filter((place) => found[i][place] === labels[place]).length;
    all += gaps.length;
  }
  return right / Math.max(1, all);
}
