// Which words of a run the heat colours, and how strongly: one word's row of the attention, or its column where it is only a key.
import type { ModelSummary, Side } from '../shared/modelSummary';
import type { TokenRef, ViewState } from '../shared/protocol';
import type { Matrix } from '../shared/tensor';
import type { TokenSequence, Word } from '../shared/tokens';
import type { HoverAttention } from './hoverAttention';
import { hoverAttention } from './hoverAttention';

/** What is to be coloured for a word, before any weight is known. */
export interface HeatQuestion {
  readonly shown: HoverAttention;
  readonly batch: number;
  /** The word at the cursor: its side and index. */
  readonly side: Side;
  readonly word: number;
  /** The side whose words are coloured. */
  readonly coloured: Side;
}

/** A word with its weight, `0` to `1`. */
export interface HeatWord {
  readonly word: Word;
  readonly weight: number;
}

/**
 * The attention that answers for a word, as the hover chooses it. In cross-attention a word of the decoder colours the
 * source, and a source word colours those words of the decoder that attend to it.
 */
export function heatQuestion(
  model: ModelSummary,
  view: ViewState,
  token: TokenRef,
  sequence: TokenSequence,
): HeatQuestion | undefined {
  const shown = hoverAttention(model, view, token.side);
  const word = sequence.words.findIndex(({ first, last }) => first <= token.first && token.first <= last);
  if (!shown || word < 0) {
    return undefined;
  }
  const other: Side = token.side === 'encoder' ? 'decoder' : 'encoder';
  const coloured = shown.role === 'self' ? token.side : other;
  return { shown, batch: token.batch, side: token.side, word, coloured };
}

/**
 * The weights of the answer in words of `sequence`, the coloured side. `matrix` is `[query word, key word]`: a query's row
 * sums to 1; a key's column holds the share that each attending word gives to it, and has no fixed sum.
 */
export function heatWords(
  { shown, word }: HeatQuestion,
  matrix: Matrix,
  sequence: TokenSequence,
): readonly HeatWord[] {
  const { data, columns } = matrix;
  const weight = (index: number) =>
    shown.role === 'key' ? data[index * columns + word] : data[word * columns + index];
  return sequence.words.map((each, index) => ({ word: each, weight: weight(index) }));
}

/** The sum of what special tokens get of a row, and the label of the first among them; undefined below the threshold. */
export function withoutText(
  { shown }: HeatQuestion,
  words: readonly HeatWord[],
  threshold: number,
): { readonly label: string; readonly sum: number } | undefined {
  const special = words.filter(({ word }) => word.start < 0).sort((a, b) => b.weight - a.weight);
  const sum = special.reduce((total, { weight }) => total + weight, 0);
  return shown.role === 'key' || special.length === 0 || sum < threshold
    ? undefined
    : { label: special[0].word.label, sum };
}
