// Learning rate by step: the paper's schedule, and the three others that fine-tuning uses. Pure functions.

/** How the learning rate goes with the step. `steps` is where training ends; `warmup` steps lead up to the full rate. */
export type Schedule =
  /** Section 5.3 of the paper: `factor · d_model^-0.5 · min(step^-0.5, step · warmup^-1.5)`. */
  | { readonly kind: 'paper'; readonly width: number; readonly warmup: number; readonly factor: number }
  /** `rate`, reached in a straight line over `warmup` steps. */
  | { readonly kind: 'constant'; readonly rate: number; readonly warmup: number }
  /** After the warm-up half a cosine down to 0 just after the last step. */
  | { readonly kind: 'cosine'; readonly rate: number; readonly warmup: number; readonly steps: number }
  /** After the warm-up a straight line down to 0 just after the last step. */
  | { readonly kind: 'linear'; readonly rate: number; readonly warmup: number; readonly steps: number };

/** The learning rate of a step; the first step is 1. */
export function learningRate(schedule: Schedule, step: number): number {
  if (schedule.kind === 'paper') {
    const { width, warmup, factor } = schedule;
    return factor * width ** -0.5 * Math.min(step ** -0.5, step * Math.max(1, warmup) ** -1.5);
  }
  const { kind, rate, warmup } = schedule;
  if (step < warmup) {
    return (rate * step) / warmup;
  }
  switch (kind) {
    case 'constant':
      return rate;
    case 'cosine':
      return (rate * (1 + Math.cos(Math.PI * shareDone(step, warmup, schedule.steps)))) / 2;
    case 'linear':
      return rate * (1 - shareDone(step, warmup, schedule.steps));
    default:
      return kind satisfies never;
  }
}

/** How far the way from the end of the warm-up to the step after the last is gone, so that the last step still learns. */
function shareDone(step: number, warmup: number, steps: number): number {
  const start = Math.max(1, warmup);
  return Math.min(1, Math.max(0, (step - start) / Math.max(1, steps + 1 - start)));
}
