// The numbers of before and after: what each is called, how it is written, and whether it became worse. Pure.
import type { Change, TrainingEffect } from '../../src/shared/training';
import { formatNumber } from '../format';
import { trainingStrings as strings } from '../strings/trainingStrings';
import { formatChange } from './trainingFormat';

export interface EffectRow {
  readonly measure: 'loss' | 'chrf' | 'accuracy' | 'filled' | 'otherText';
  readonly before: string;
  readonly now: string;
  readonly change: string;
  readonly worse: boolean;
}

interface Writing {
  readonly lessIsBetter: boolean;
  readonly factor: number;
  readonly decimals: number;
  readonly unit: string;
}

const writings: Readonly<Record<EffectRow['measure'], Writing>> = {
  loss: { lessIsBetter: true, factor: 1, decimals: 2, unit: '' },
  chrf: { lessIsBetter: false, factor: 1, decimals: 1, unit: '' },
  accuracy: { lessIsBetter: false, factor: 100, decimals: 1, unit: strings.percent },
  filled: { lessIsBetter: false, factor: 100, decimals: 1, unit: strings.percent },
  otherText: { lessIsBetter: false, factor: 1, decimals: 1, unit: '' },
};

/** One row for every number that applies. */
export function effectRows(effect: TrainingEffect): EffectRow[] {
  return (['loss', 'chrf', 'accuracy', 'filled', 'otherText'] as const).flatMap((measure) => {
    const change = effect[measure];
    return change === undefined ? [] : [rowOf(measure, change)];
  });
}

function rowOf(measure: EffectRow['measure'], { before, now }: Change): EffectRow {
  const { lessIsBetter, factor, decimals, unit } = writings[measure];
  const written = (value: number) =>
    Number.isFinite(value)
      ? `${(value * factor).toFixed(decimals)}${unit}`.replace('-', '−')
      : formatNumber(value);
  const change = formatChange((now - before) * factor, decimals);
  // What is written as no change is not worse; a loss that is no number is.
  const worse = Number.isFinite(now)
    ? Number(change.replace('−', '-')) !== 0 && lessIsBetter === now > before
    : true;
  return { measure, before: written(before), now: written(now), change, worse };
}
