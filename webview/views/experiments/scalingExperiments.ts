// Scaling and softmax: why the scores are divided by √d_k, and what else could make weights of them (section 3.2.1).
import type { Comparison } from '../../../src/shared/comparison';
import type { ModelControls } from '../../../src/shared/intervention';
import { formatFactor } from '../../format';
import { change, effectOf, factorOf } from './effects';
import type { Bench, Experiment } from './experiment';
import { tryChange } from './intervening';
import type { Sentence } from './sentence';
import { measured, say, trend } from './sentence';

/** Those whose scale can be changed and is one number. */
function scaled({ attentions }: ModelControls) {
  return attentions.filter(
    ({ can, scale }) => can.includes('scoreScale') && scale !== undefined && scale !== 1,
  );
}

const everywhere = (count: number) => (count === 1 ? 'in the one attention' : `in all ${count} attentions`);

export const scaling: Experiment = {
  id: 'scale',
  group: 'scaling',
  question: 'Why divide by √dₖ?',
  about:
    'Each score is a sum of dₖ products. If they were independent with variance 1, the variance of the score would be dₖ; undivided, the softmax may see numbers so far apart that one key takes nearly everything and no gradient is left (section 3.2.1).',
  obstacle: ({ controls }) =>
    scaled(controls).length > 0
      ? undefined
      : 'This model does not scale its scores, so there is nothing to leave out.',
  run: (bench, call) => {
    const sites = scaled(bench.controls);
    const [{ scale = 1, headSize }] = sites;
    return tryChange(
      bench,
      `score scale ${formatFactor(scale)} → 1 ${everywhere(sites.length)}`,
      [
        {
          kind: 'scoreScale',
          enabled: true,
          attentions: sites.map(({ attention }) => attention),
          heads: 'all',
          scale: 'none',
        },
      ],
      (comparison) => scalingFinding(comparison, headSize),
      call,
    );
  },
};

/** Says whether the division keeps the softmax soft here, and by how much. */
export function scalingFinding(comparison: Comparison, headSize: number): Sentence {
  const { before, after } = comparison.facts;
  const ratio = after.scoreVariance / headSize;
  const near = ratio > 0.5 && ratio < 2;
  const predicted = near
    ? say`close to the dₖ = ${{ measured: String(headSize) }} of independent products`
    : say`where independent products of variance 1 would give dₖ = ${{ measured: String(headSize) }}`;
  const slope = after.slope / Math.max(before.slope, 1e-12);
  const verdict =
    slope < 0.5
      ? say` Here the division keeps the softmax where it can still learn.`
      : slope > 1.1
        ? say` Here the division costs slope: these scores are small even without it.`
        : say` For this text the division makes little difference to the slope.`;
  return [
    ...say`Without the division the variance of the scores is ${after.scoreVariance} instead of ${before.scoreVariance}, ${predicted}. `,
    ...say`The largest weight of a row ${change(before.largestWeight, after.largestWeight)} on average, the entropy ${change(before.entropy, after.entropy)} bits, and the slope p(1 − p) at the largest weight ${change(before.slope, after.slope)}: ${factorOf(before.slope, after.slope)} gradient through the softmax.`,
    ...verdict,
    ' ',
    ...effectOf(comparison),
  ];
}

export const sharper: Experiment = {
  id: 'temperature',
  group: 'scaling',
  question: 'What if softmax were sharper?',
  about:
    'A temperature divides the scores before the softmax: below 1 the largest score takes more, above 1 all keys become alike. The scale 1/√dₖ is such a temperature, chosen once for all heads.',
  parameters: [{ name: 'temperature', label: 'Temperature', initial: () => '0.25' }],
  obstacle: ({ values }) =>
    Number(values['temperature']) > 0 ? undefined : 'The temperature must be a number above 0.',
  run: (bench, call) => {
    const temperature = Number(bench.values['temperature']);
    return tryChange(
      bench,
      `temperature ${formatFactor(temperature)} ${everywhere(bench.controls.attentions.length)}`,
      [{ kind: 'temperature', enabled: true, attentions: 'all', heads: 'all', temperature }],
      (comparison) => sharperFinding(comparison, temperature),
      call,
    );
  },
};

export function sharperFinding(comparison: Comparison, temperature: number): Sentence {
  const { before, after } = comparison.facts;
  const way = trend(before.entropy, after.entropy);
  const as =
    way === 'stays'
      ? say`The weights stay about as they are`
      : way === 'falls'
        ? say`The weights become sharper`
        : say`The weights become more even`;
  return [
    ...say`${as} at temperature ${measured(temperature)}: the entropy of a row ${change(before.entropy, after.entropy)} bits, its largest weight ${change(before.largestWeight, after.largestWeight)}. `,
    ...effectOf(comparison),
  ];
}

export const relu: Experiment = {
  id: 'relu',
  group: 'scaling',
  question: 'What if ReLU replaced softmax?',
  about:
    'Divided by their sum, positive scores are weights, too: ReLU(x) ÷ Σ ReLU(x). Negative scores then get exactly 0, and differences no longer act exponentially.',
  obstacle: ({ controls }) =>
    controls.attentions.some(({ can }) => can.includes('normaliser'))
      ? undefined
      : 'The softmax of this model cannot be replaced in its graph.',
  run: (bench: Bench, call) => {
    const sites = bench.controls.attentions.filter(({ can }) => can.includes('normaliser'));
    return tryChange(
      bench,
      `ReLU(x) ÷ Σ ReLU(x) ${everywhere(sites.length)}`,
      [
        {
          kind: 'normaliser',
          enabled: true,
          attentions: sites.map(({ attention }) => attention),
          heads: 'all',
          by: 'relu',
        },
      ],
      reluFinding,
      call,
    );
  },
};

export function reluFinding(comparison: Comparison): Sentence {
  const { before, after } = comparison.facts;
  const way = trend(before.entropy, after.entropy);
  const smaller = trend(before.largestWeight, after.largestWeight) === 'falls';
  const means =
    way === 'rises'
      ? say`ReLU spreads the weights: without the exponential, the largest score no longer wins so clearly`
      : way === 'falls' && smaller
        ? say`ReLU silences negative scores, which the softmax still heard, and shares the rest more evenly`
        : way === 'falls'
          ? say`ReLU sharpens the weights: negative scores, which the softmax still heard, get nothing`
          : say`ReLU leaves the spread of the weights as it was`;
  return [
    ...say`${means}. The entropy of a row ${change(before.entropy, after.entropy)} bits, its largest weight ${change(before.largestWeight, after.largestWeight)}. `,
    ...effectOf(comparison),
  ];
}
