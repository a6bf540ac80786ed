// Positions: what is left without them, whether counting must start at 0, and why order is lost (section 3.5).
import type { Comparison, Equivariance } from '../../../src/shared/comparison';
import type { Intervention, PositionChange } from '../../../src/shared/intervention';
import type { ModelControls } from '../../../src/shared/intervention';
import { effectOf, NEGLIGIBLE } from './effects';
import type { Bench, Experiment } from './experiment';
import { tryChange } from './intervening';
import type { Sentence } from './sentence';
import { measured, say } from './sentence';

const sides = ({ positions }: ModelControls, to: PositionChange['to']) =>
  positions.filter(({ can }) => can.includes(to)).map(({ side }) => side);

const cannot = (to: PositionChange['to'], why: string) => (bench: Bench) =>
  sides(bench.controls, to).length > 0 ? undefined : why;

const onSides = (bench: Bench, change: PositionChange): Intervention[] =>
  sides(bench.controls, change.to).map((side) => ({ kind: 'positions', enabled: true, side, change }));

const where = (bench: Bench, to: PositionChange['to']) => sides(bench.controls, to).join(' and ');

export const withoutPositions: Experiment = {
  id: 'no-positions',
  group: 'positions',
  question: 'What without positions?',
  about:
    'Attention itself does not know where a token stands: it sees a set. Positions are added to the embeddings, or turned into the queries and keys, so that order counts (section 3.5).',
  obstacle: cannot('remove', 'The positions of this model cannot be removed in its graph.'),
  run: (bench, call) =>
    tryChange(
      bench,
      `no positions in the ${where(bench, 'remove')}`,
      onSides(bench, { to: 'remove' }),
      withoutFinding,
      call,
    ),
};

export function withoutFinding(comparison: Comparison): Sentence {
  const { output } = comparison;
  const verdict = !output
    ? []
    : output.meanKl > 1
      ? say`Without positions this model is lost. `
      : output.meanKl > 0.1
        ? say`Without positions the model still says something, but something else. `
        : say`This text hardly needs positions: its words alone say nearly all. `;
  return [...verdict, ...effectOf(comparison)];
}

export const shifted: Experiment = {
  id: 'shift',
  group: 'positions',
  question: 'Does it matter where counting starts?',
  about:
    'The paper hoped that sinusoids let a model attend by relative positions, because a shift is a linear map of the encoding. If that is what it learned, starting at another number changes nothing.',
  parameters: [{ name: 'by', label: 'Start at', initial: () => '10' }],
  obstacle: (bench) =>
    Number.isInteger(Number(bench.values['by']))
      ? cannot('shift', 'The positions of this model cannot be shifted in its graph.')(bench)
      : 'The start must be a whole number.',
  run: (bench, call) => {
    const by = Number(bench.values['by']);
    return tryChange(
      bench,
      `counting from ${by} in the ${where(bench, 'shift')}`,
      onSides(bench, { to: 'shift', by }),
      (comparison) => shiftFinding(comparison, by),
      call,
    );
  },
};

export function shiftFinding(comparison: Comparison, by: number): Sentence {
  const meanKl = comparison.output?.meanKl;
  const verdict =
    meanKl === undefined
      ? []
      : meanKl < NEGLIGIBLE
        ? say`Only distances count: starting at ${{ measured: String(by) }} changes nothing that matters. `
        : say`It matters where counting starts: this model has learned absolute places, too. `;
  return [...verdict, ...effectOf(comparison)];
}

export const shuffled: Experiment = {
  id: 'shuffle',
  group: 'positions',
  question: 'What if the order were shuffled?',
  about:
    'Without positions, self-attention is permutation equivariant: shuffled tokens give the same outputs, shuffled. With positions they do not. Both are measured here, as the largest difference between outputs put back into order.',
  parameters: [{ name: 'seed', label: 'Seed', initial: () => '7' }],
  obstacle: ({ values, summary, controls }) => {
    if (!Number.isInteger(Number(values['seed']))) {
      return 'The seed must be a whole number.';
    }
    if (summary.family === 'decoder-only') {
      return 'A causal mask gives every place its own view, so order counts even without positions. Take a model with an encoder.';
    }
    return sides(controls, 'remove').includes('encoder')
      ? undefined
      : 'The positions of this encoder cannot be removed in its graph.';
  },
  run: async ({ lab, trace, batch, values }, call) => {
    const request = { trace: trace.id, batch, seed: Number(values['seed']) };
    const removed = await lab.equivariance({ ...request, positions: 'remove' }, call);
    const kept = await lab.equivariance({ ...request, positions: 'keep' }, call);
    return {
      setting: `tokens shuffled with seed ${request.seed}, positions removed and kept`,
      interventions: [],
      after: undefined,
      comparison: undefined,
      rows: [
        {
          name: 'Largest difference, without and with positions',
          before: removed.largest,
          after: kept.largest,
        },
        { name: 'Mean difference, without and with positions', before: removed.mean, after: kept.mean },
      ],
      series: undefined,
      finding: shuffleFinding(removed, kept),
    };
  },
};

export function shuffleFinding(removed: Equivariance, kept: Equivariance): Sentence {
  // Float32 sums in another order differ in the last digits.
  const same = removed.largest < 1e-3 * Math.max(1, removed.scale);
  const verdict = same
    ? say`Without positions the outputs of the encoder are the same set, only in another order: they differ by ${measured(removed.largest)} at most, which is rounding`
    : say`Even without positions the outputs differ by up to ${measured(removed.largest)}: something else in this model knows the order`;
  return [
    ...say`${verdict} (the largest output is ${measured(removed.scale)}). `,
    ...(kept.largest > 10 * removed.largest
      ? say`With positions the same shuffle changes outputs by up to ${measured(kept.largest)}: all that this encoder knows of order is in its positions.`
      : say`With positions the same shuffle changes outputs by up to ${measured(kept.largest)}, hardly more.`),
  ];
}
