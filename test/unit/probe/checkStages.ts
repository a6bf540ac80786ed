// Checks with arithmetic that the taps of an attention are what their roles say, for every text and head of a run.
import { expect } from 'vitest';
import type { AttentionSite } from '../../../src/anatomy/anatomy';
import type { Probed, TapRole } from '../../../src/probe/probe';
import { readHead } from '../../../src/probe/readHead';
import { readMask, removesKey } from '../../../src/probe/readMask';
import { maskLayout } from '../../../src/probe/maskTensors';
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

const TOLERANCE = 2e-5;

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
    const layout = role === 'bias' ? maskLayout(site) : tap?.layout;
    return tap && layout && readHead(results[tap.output], { ...tap, layout }, site, text, head);
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
  for (let row = 0; row < rows; row++) {
    const sum = weights.data.subarray(row * columns, (row + 1) * columns).reduce((a, b) => a + b, 0);
    expect(sum, `${where}: weights of query ${row}`).toBeCloseTo(1, 4);
  }
  close(softmax(masked), weights, `${where}: softmax of masked`);
  const mask = readMask(site, probed.taps, results, text, head, rows, columns);
  expect(mask !== undefined, `${where}: mask`).toBe(site.mask !== undefined);
  const bias = read('bias');
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const i = row * columns + column;
      const added = mask?.data[i] ?? 0;
      if (removesKey(added)) {
        // A row in which every key is removed (padding as a query) has no weights to speak of.
        const any = Array.from({ length: columns }, (_, k) => mask?.data[row * columns + k] ?? 0).some(
          (x) => !removesKey(x),
        );
        expect(any ? weights.data[i] : 0, `${where}: removed cell ${row},${column}`).toBeLessThan(1e-6);
      } else {
        const sum =
          scaled.data[i] +
          added +
          (bias
            ? bias.data[(bias.rows === 1 ? 0 : row) * bias.columns + (bias.columns === 1 ? 0 : column)]
            : 0);
        expect(Math.abs(masked.data[i] - sum), `${where}: masked ${row},${column}`).toBeLessThan(TOLERANCE);
      }
    }
  }
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
