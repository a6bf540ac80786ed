// Clocks and figures for measurements. Only ratios taken in one run mean much: machines differ and are busy.
import process from 'node:process';

/** The middle one. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** Milliseconds that `action` takes. */
export async function time(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/** Medians of several actions, run in turn so that what slows the machine slows all of them. */
export async function inTurn(
  runs: number,
  actions: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<Record<string, number>> {
  const times = Object.fromEntries(Object.keys(actions).map((name) => [name, [] as number[]]));
  for (let i = 0; i <= runs; i++) {
    for (const [name, action] of Object.entries(actions)) {
      const elapsed = await time(action);
      // The first round warms up.
      if (i > 0) {
        times[name].push(elapsed);
      }
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, values]) => [name, median(values)]));
}

/** Watches the resident memory of this process while `action` runs; returns the growth of its peak in bytes. */
export async function peakGrowth(action: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage.rss();
  let peak = before;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 5);
  try {
    await action();
  } finally {
    clearInterval(timer);
  }
  return Math.max(peak, process.memoryUsage.rss()) - before;
}

/** A figure for the table, with the budget it must keep where there is one. */
export function report(what: string, value: number, unit: string, budget?: number): void {
  const verdict =
    budget === undefined ? '' : `  budget ${budget} ${unit}${value <= budget ? '' : '  MISSED'}`;
  console.log(`${what.padEnd(58)} ${value.toFixed(value < 10 ? 2 : 1).padStart(8)} ${unit}${verdict}`);
}
