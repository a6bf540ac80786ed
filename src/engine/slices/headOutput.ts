// One head's share of the output projection: its context times its rows of W_O. The bias belongs to no head.
import type { NoOutput } from '../../shared/headStages';
import type { LinearBlock } from '../../shared/modelStructure';
import type { Matrix } from '../../shared/tensor';
import type { Weight } from '../modelWeights';

/** Largest difference, relative to the largest value, by which the joined heads may differ from the contexts. */
const tolerance = 1e-4;

/**
 * `context·W_O[head·d_v … (head + 1)·d_v]` `[query, d_model]` (section 3.2.2 of the paper).
 *
 * @param context `[query, d_v]` of this head.
 * @param joined `[query, heads·d_v]`: what the projection reads. That the head lies in it where it is looked for is checked.
 */
export function headOutput(
  context: Matrix,
  joined: Matrix | undefined,
  head: number,
  projection: LinearBlock | undefined,
  weight: Weight | undefined,
): Matrix | NoOutput {
  if (!projection || !joined) {
    return 'noProjection';
  }
  if (!weight) {
    return 'weightElsewhere';
  }
  const { inputs, outputs, transposed } = projection;
  const first = head * context.columns;
  if (weight.data.length !== inputs * outputs || !isPart(context, joined, first)) {
    return 'otherLayout';
  }
  const { rows, columns } = context;
  const data = new Float32Array(rows * outputs);
  const [inputStep, outputStep] = transposed ? [1, inputs] : [outputs, 1];
  for (let row = 0; row < rows; row++) {
    for (let element = 0; element < columns; element++) {
      const value = context.data[row * columns + element];
      let from = (first + element) * inputStep;
      for (let to = row * outputs; to < (row + 1) * outputs; to++, from += outputStep) {
        data[to] += value * weight.data[from];
      }
    }
  }
  return { rows, columns: outputs, data };
}

/** Whether columns `first` and following of `whole` are `part`, but for rounding. */
function isPart(part: Matrix, whole: Matrix, first: number): boolean {
  if (part.rows !== whole.rows || first + part.columns > whole.columns) {
    return false;
  }
  const largest = part.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return part.data.every((value, i) => {
    const row = Math.floor(i / part.columns);
    const other = whole.data[row * whole.columns + first + (i % part.columns)];
    return Math.abs(value - other) <= tolerance * largest;
  });
}
