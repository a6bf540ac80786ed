// Checks with arithmetic that the taps of an attention are what their roles say, for every text and head of a run.
import { expect } from 'vitest';
import type { AttentionSite } from '../../../src/anatomy/anatomy';
import type { Probed, TapRole } from '../../../src/probe/probe';
import { readHead } from '../../../src/probe/readHead';
import { readMask, removesKey } from '../../../src/probe/readMask';
import type { Matrix, NamedTensors } from '../../../src/shared/tensor';

/** What one attention must expose; the default is everything but a bias. */
export const STAGES: readonly TapRole[] = [
  'weights',
  'scores',
  'scaled',
  'masked',
  'query',
  'key',
  'value',
  'context',
];

/** The project's limit for what is shown, relative where numbers are large. */
const TOLERANCE = 1e-4;

/** Checks all attentions of the run. */
export function checkStages(
  probed: Probed,
  results: NamedTensors,
  batch: number,
  expected: readonly TapRole[] = STAGES,
): void {
  for (const site of probed.sites) {
    for (let text = 0; text < batch; text++) {
      for (let head = 0; head < site.heads; head++) {
        checkHead(probed, results, site, text, head, expected);
      }
    }
  }
}

function checkHead(
  probed: Probed,
  results: NamedTensors,
  site: AttentionSite,
  text: number,
  head: number,
  expected: readonly TapRole[],
): void {
  const where = `${site.name} text ${text} head ${head}`;
  const read = (role: TapRole): Matrix | undefined => {
    const tap = probed.taps.find((item) => item.attention === site.name && item.role === role);
    return tap && readHead(results[tap.output], tap, site, text, head);
  };
  const stages = new Map(STAGES.map((role) => [role, read(role)]));
  for (const role of expected) {
    expect(stages.get(role), `${where} has ${role}`).toBeDefined();
  }
  const { weights, scores, scaled, masked, query, key, value, context } = Object.fromEntries(
    stages,
  ) as Record<string, Matrix | undefined>;
  if (!weights || !masked || !scaled) {
    return;
  }
  const { rows, columns } = weights;
  const sums = Array.from({ length: rows }, (_, row) =>
    weights.data.subarray(row * columns, (row + 1) * columns).reduce((a, b) => a + b, 0),
  );
  expect(Math.max(...sums.map((sum) => Math.abs(sum - 1))), `${where}: sums of weights`).toBeLessThan(1e-5);
  close(softmax(masked), weights, `${where}: softmax of masked`);
  const mask = readMask(site, probed.taps, results, text, head, rows, columns);
  expect(mask !== undefined, `${where}: mask`).toBe(site.mask !== undefined);
  const { kept, removed } = compareMasked({ masked, scaled, weights, mask, bias: read('bias') });
  expect(kept, `${where}: scaled + bias + mask`).toBeLessThan(TOLERANCE);
  expect(removed, `${where}: weights of removed keys`).toBeLessThan(1e-6);
  if (scores && site.scale && site.softcap === undefined) {
    const { value: factor } = site.scale;
    close({ ...scores, data: scores.data.map((x) => x * factor) }, scaled, `${where}: scores × scale`);
  }
  if (scores && query && key) {
    close(product(query, key, true), scores, `${where}: q·k`);
  }
  if (value && context) {
    close(product(weights, value, false), context, `${where}: weights·V`);
  }
}

/** How far masked is from scaled + bias + mask where keys are kept, and the largest weight where they are removed. */
function compareMasked(stages: {
  readonly masked: Matrix;
  readonly scaled: Matrix;
  readonly weights: Matrix;
  readonly mask: Matrix | undefined;
  readonly bias: Matrix | undefined;
}): { readonly kept: number; readonly removed: number } {
  const { masked, scaled, weights, mask, bias } = stages;
  const { rows, columns } = weights;
  let kept = 0;
  let removed = 0;
  for (let row = 0; row < rows; row++) {
    const keys = Array.from(
      { length: columns },
      (_, column) => !removesKey(mask?.data[row * columns + column] ?? 0),
    );
    for (let column = 0; column < columns; column++) {
      const i = row * columns + column;
      const biasAt = bias
        ? (bias.rows === 1 ? 0 : row) * bias.columns + (bias.columns === 1 ? 0 : column)
        : 0;
      if (keys[column]) {
        const sum = scaled.data[i] + (mask?.data[i] ?? 0) + (bias?.data[biasAt] ?? 0);
        kept = Math.max(kept, Math.abs(masked.data[i] - sum) / Math.max(1, Math.abs(sum)));
      } else if (keys.includes(true)) {
        // A row in which every key is removed (padding as a query) has no weights to speak of.
        removed = Math.max(removed, weights.data[i]);
      }
    }
  }
  return { kept, removed };
}

/** Both matrices agree to the tolerance, relative where numbers are large. */
export function close(actual: Matrix, expected: Matrix, what: string): void {
  expect([actual.rows, actual.columns], `${what}: size`).toEqual([expected.rows, expected.columns]);
  const worst = actual.data.reduce((worstSoFar, x, i) => {
    const y = expected.data[i];
    const difference = x === y ? 0 : Math.abs(x - y) / Math.max(1, Math.abs(y));
    return Number.isNaN(difference) ? Infinity : Math.max(worstSoFar, difference);
  }, 0);
  expect(worst, what).toBeLessThan(TOLERANCE);
}

/** a·b, or a·bᵀ. */
function product(a: Matrix, b: Matrix, transposed: boolean): Matrix {
  const columns = transposed ? b.rows : b.columns;
  const data = new Float32Array(a.rows * columns);
  for (let row = 0; row < a.rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let k = 0; k < a.columns; k++) {
        sum +=
          a.data[row * a.columns + k] *
          (transposed ? b.data[column * b.columns + k] : b.data[k * b.columns + column]);
      }
      data[row * columns + column] = sum;
    }
  }
  return { rows: a.rows, columns, data };
}

function softmax(matrix: Matrix): Matrix {
  const data = new Float32Array(matrix.data.length);
  for (let row = 0; row < matrix.rows; row++) {
    const own = matrix.data.subarray(row * matrix.columns, (row + 1) * matrix.columns);
    const highest = own.reduce((a, b) => Math.max(a, b), -Infinity);
    const powers = own.map((x) => Math.exp(x - highest));
    const total = powers.reduce((a, b) => a + b, 0);
    data.set(
      powers.map((x) => x / total),
      row * matrix.columns,
    );
  }
  return { ...matrix, data };
}
