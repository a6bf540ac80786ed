// What a comparison of two runs says, in the same words for every experiment.
import type { Comparison } from '../../../src/shared/comparison';
import type { LabelChange } from '../../../src/shared/labels';
import type { Changed } from './experiment';
import type { Sentence } from './sentence';
import { measured, say, share, trend, weight } from './sentence';

/** Below this many nats a change of the output is called negligible: no token's probability moves by more than a tenth. */
export const NEGLIGIBLE = 0.005;

/** The table that every experiment with a changed run shows. */
export function changedFacts({ facts, output, labels }: Comparison): Changed[] {
  const { before, after } = facts;
  const rows: Changed[] = [
    { name: 'Variance of the scores', before: before.scoreVariance, after: after.scoreVariance },
    { name: 'Largest weight of a row, mean', before: before.largestWeight, after: after.largestWeight },
    { name: 'Entropy of a row, bits, mean', before: before.entropy, after: after.entropy },
    { name: 'Slope p(1 − p) at the largest', before: before.slope, after: after.slope },
  ];
  if (output) {
    rows.push({ name: 'KL of the output, nats, mean', before: 0, after: output.meanKl });
  }
  const label = labels && labelMove(labels);
  if (label) {
    rows.push({ name: `Probability of the label “${label.label}”`, ...label });
  }
  return rows;
}

/** The likeliest label before, with its probability in both runs. */
export function labelMove({
  before,
  after,
}: LabelChange): { readonly label: string; readonly before: number; readonly after: number } | undefined {
  const [best] = before.scores;
  const now = after.scores.find(({ label }) => label === best?.label);
  return best && now && { label: best.label, before: best.probability, after: now.probability };
}

/** Positions whose likeliest token is another one. */
export function flippedPositions({ output }: Comparison): { readonly flipped: number; readonly of: number } {
  const positions = output?.positions ?? [];
  const flipped = positions.filter(({ before, after }) => before.at(0)?.id !== after.at(0)?.id).length;
  return { flipped, of: positions.length };
}

/** One or two sentences: how far the output moved, what became of a classifier's label, and of the translation. */
export function effectOf(comparison: Comparison): Sentence {
  const { output, translation, labels } = comparison;
  const moved: Sentence = [
    ...(output ? outputSentence(comparison, output.meanKl) : []),
    ...(labels ? labelSentence(labels, output !== undefined) : []),
  ];
  if (!translation) {
    return moved;
  }
  const { changed, added, of } = translation;
  const translated =
    changed === 0 && added === 0
      ? say` The translation stays the same.`
      : say` The translation changes in ${share(changed, of)} tokens.`;
  return [...moved, ...translated];
}

function labelSentence(labels: LabelChange, follows: boolean): Sentence {
  const move = labelMove(labels);
  const now = labels.after.scores.at(0)?.label;
  if (!move) {
    return [];
  }
  const space = follows ? ' ' : '';
  return now === move.label
    ? say`${space}The text stays labelled “${now}”: ${weight(move.before)} before, ${weight(move.after)} after.`
    : say`${space}The text is now labelled “${now ?? ''}”: “${move.label}” had ${weight(move.before)} and has ${weight(move.after)}.`;
}

function outputSentence(comparison: Comparison, meanKl: number): Sentence {
  const { flipped, of } = flippedPositions(comparison);
  if (meanKl < NEGLIGIBLE && flipped === 0) {
    return say`The output hardly moves: KL ${measured(meanKl)} nats on average, no likeliest token is another one.`;
  }
  return say`The output moves by KL ${measured(meanKl)} nats on average, and the likeliest token is another one at ${share(flipped, of)} positions.`;
}

/** `rises from 0.41 to 0.97` or `stays at 0.41`. */
export function change(before: number, after: number): Sentence {
  const way = trend(before, after);
  return way === 'stays'
    ? say`stays at ${measured(after)}`
    : say`${way} from ${measured(before)} to ${measured(after)}`;
}

/** How much of something is left, in words: `8.00 times less`. */
export function factorOf(before: number, after: number): Sentence {
  if (after <= 0 || before <= 0) {
    return after <= 0 ? say`nothing is left of it` : say`there was nothing before`;
  }
  const ratio = after / before;
  return ratio < 1 ? say`${measured(1 / ratio)} times less` : say`${measured(ratio)} times as much`;
}
