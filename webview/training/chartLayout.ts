// Where the curves of a training lie: axes from the points, pixels from axes. Pure; the painter draws it.
import type { PlannedRate } from '../../src/shared/trainingPage';
import type { TrainingPoint } from '../../src/shared/training';
import type { Axis } from './chartScale';
import { linearAxis, logAxis, shareOf, stepAxis } from './chartScale';
import { decimate } from './decimate';

/** Room around the curves for the axes' numbers, in CSS pixels. */
export const margins = { left: 34, right: 38, top: 6, bottom: 18 } as const;

export interface ChartInput {
  readonly points: readonly TrainingPoint[];
  readonly planned: readonly PlannedRate[];
  readonly steps: number;
  readonly log: boolean;
  readonly width: number;
  readonly height: number;
}

/** A place in the chart. */
export type Place = readonly [x: number, y: number];

export interface ChartLayout {
  readonly stepAxis: Axis;
  readonly lossAxis: Axis;
  readonly rateAxis: Axis;
  readonly x: (step: number) => number;
  readonly lossY: (loss: number) => number;
  readonly rateY: (rate: number) => number;
  readonly stepAt: (x: number) => number;
  /** Breaks where it is undefined. */
  readonly loss: readonly (Place | undefined)[];
  readonly heldOut: readonly Place[];
  readonly rate: readonly Place[];
  /** Where the loss was no number. */
  readonly broken: readonly number[];
}

export function chartLayout({ points, planned, steps, log, width, height }: ChartInput): ChartLayout {
  const right = Math.max(margins.left + 1, width - margins.right);
  const bottom = Math.max(margins.top + 1, height - margins.bottom);
  const across = stepAxis(Math.max(steps, points.at(-1)?.step ?? 0), Math.max(2, Math.floor(width / 64)));
  const losses = lossAxisOf(points, log, Math.max(2, Math.floor(height / 26)));
  const rates = [...planned, ...points].map(({ rate }) => rate).filter(Number.isFinite);
  const rateAxis = linearAxis(0, largest(rates, 0) || 1, 2);
  const x = (step: number) => margins.left + shareOf(across, step) * (right - margins.left);
  const y = (axis: Axis) => (value: number) => bottom - shareOf(axis, value) * (bottom - margins.top);
  const [lossY, rateY] = [y(losses), y(rateAxis)];
  const column = (list: readonly { readonly step: number }[]) => (index: number) =>
    Math.round(x(list[index].step));
  const values = points.map(({ loss }) => loss);
  const kept = decimate(values, column(points));
  // What was used, and from there on what is planned.
  const done = points.at(-1)?.step ?? 0;
  const scheduled = [...points, ...planned.filter(({ step }) => step > done)];
  const keptRates = decimate(
    scheduled.map(({ rate }) => rate),
    column(scheduled),
  );
  return {
    stepAxis: across,
    lossAxis: losses,
    rateAxis,
    x,
    lossY,
    rateY,
    stepAt: (at) => across.from + ((at - margins.left) / (right - margins.left)) * (across.to - across.from),
    loss: kept.map((index) =>
      Number.isFinite(values[index]) ? ([x(points[index].step), lossY(values[index])] as const) : undefined,
    ),
    heldOut: points.flatMap(({ step, heldOut }) =>
      heldOut !== undefined && Number.isFinite(heldOut) ? [[x(step), lossY(heldOut)] as const] : [],
    ),
    rate: keptRates.map((index) => [x(scheduled[index].step), rateY(scheduled[index].rate)] as const),
    broken: kept.filter((index) => !Number.isFinite(values[index])).map((index) => x(points[index].step)),
  };
}

/** Holds every loss that is a number; from 0 on where that costs little room. Without any, an axis without numbers. */
function lossAxisOf(points: readonly TrainingPoint[], log: boolean, wanted: number): Axis {
  const values = points
    .flatMap(({ loss, heldOut }) => (heldOut === undefined ? [loss] : [loss, heldOut]))
    .filter((value) => Number.isFinite(value) && (!log || value > 0));
  if (values.length === 0) {
    return { from: 0, to: 1, ticks: [], log: false };
  }
  const most = largest(values, -Infinity);
  const least = -largest(
    values.map((value) => -value),
    -Infinity,
  );
  if (log) {
    return logAxis(least, most, wanted);
  }
  return linearAxis(least < most / 3 ? Math.min(0, least) : least, most, wanted);
}

/** `Math.max` without its limit on how many arguments a call may have. */
function largest(values: readonly number[], start: number): number {
  return values.reduce((most, value) => (value > most ? value : most), start);
}
