// Axes of the chart: round ends, ticks at round numbers, linear or logarithmic. Pure.

export interface Axis {
  readonly from: number;
  readonly to: number;
  /** Ascending, from `from` to `to`. */
  readonly ticks: readonly number[];
  readonly log: boolean;
}

/** Where a value lies between the ends, 0 to 1; outside them, at the nearer end. On a logarithm, 0 is at the lower end. */
export function shareOf({ from, to, log }: Axis, value: number): number {
  const share = log
    ? Math.log(Math.max(value, from) / from) / Math.log(to / from)
    : (value - from) / (to - from);
  return Math.min(1, Math.max(0, share));
}

/** The smallest of 1, 2, 5 times a power of ten that is at least `size`. */
export function roundStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size));
  const factor = [1, 2, 5].find((each) => each * power >= size * (1 - 1e-9)) ?? 10;
  return plain(factor * power);
}

/** An axis that holds all values from `least` to `most`, with about `wanted` gaps between ticks. */
export function linearAxis(least: number, most: number, wanted: number): Axis {
  const spread = most - least || Math.abs(most) || 1;
  const step = roundStep(spread / wanted);
  const first = Math.floor(least / step + 1e-9);
  // Equal values still need an axis with two ends.
  const last = Math.max(first + 1, Math.ceil(most / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => plain((first + index) * step));
  return { from: ticks[0], to: ticks[ticks.length - 1], ticks, log: false };
}

/**
 * An axis of logarithms, for positive values. Ticks at 1, 2 and 5 in every decade where they are few, else at powers of ten.
 *
 * @throws RangeError when `least` is not above 0.
 */
export function logAxis(least: number, most: number, wanted: number): Axis {
  if (!(least > 0)) {
    throw new RangeError(`${least} has no logarithm that an axis could begin with.`);
  }
  const from = Math.floor(Math.log10(least) + 1e-9);
  const to = Math.max(from + 1, Math.ceil(Math.log10(most) - 1e-9));
  const fine = Array.from({ length: 3 * (to - from) + 1 }, (_, index) =>
    plain([1, 2, 5][index % 3] * 10 ** (from + Math.floor(index / 3))),
  );
  const first = fine.findLastIndex((tick) => tick <= least * (1 + 1e-9));
  const end = fine.findIndex((tick) => tick >= most * (1 - 1e-9));
  const last = Math.max(first + 1, end);
  const close = fine.slice(first, last + 1);
  if (close.length - 1 <= wanted) {
    return { from: close[0], to: close[close.length - 1], ticks: close, log: true };
  }
  const every = Math.max(1, Math.ceil((to - from) / wanted));
  const decades = fine.filter((_, index) => index % (3 * every) === 0);
  return {
    from: close[0],
    to: close[close.length - 1],
    ticks: decades.filter((tick) => tick >= close[0] && tick <= close[close.length - 1]),
    log: true,
  };
}

/** Steps 0 to `steps`, which end where training ends; ticks at whole numbers. */
export function stepAxis(steps: number, wanted: number): Axis {
  const to = Math.max(1, steps);
  const step = Math.max(1, roundStep(to / wanted));
  const ticks = Array.from({ length: Math.floor(to / step) + 1 }, (_, index) => index * step);
  return { from: 0, to, ticks, log: false };
}

/** Without the last digits that arithmetic with fractions leaves behind. */
function plain(value: number): number {
  return Number(value.toPrecision(12));
}
