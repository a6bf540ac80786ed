// Reads the mask of one head as what is added to the scores: 0 keeps, very negative removes, −∞ where a Where replaces.
import type { AttentionSite, MaskPart, MaskStep } from '../anatomy/anatomy';
import type { Matrix, NamedTensors, Tensor } from '../shared/tensor';
import { maskSteps } from './maskSteps';
import type { Tap } from './probe';
import { readHead } from './readHead';

/** Below this an added number removes a key: its weight is then less than e^-50 of the others'. */
const REMOVED = -50;

/** Whether a number added to a score removes the key. */
export function removesKey(added: number): boolean {
  return added <= REMOVED;
}

/**
 * The whole mask `[rows, columns]` of one head: all its steps, one after the other. `captured` holds the tensors of the
 * site's taps with role `mask` by output name; undefined when the attention has no mask or a step was not captured.
 */
export function readMask(
  site: AttentionSite,
  taps: readonly Tap[],
  captured: NamedTensors,
  batch: number,
  head: number,
  rows: number,
  columns: number,
): Matrix | undefined {
  const steps = maskSteps(site);
  const own = taps.filter((tap) => tap.attention === site.name && tap.role === 'mask');
  const total = new Float32Array(rows * columns);
  for (const [i, step] of steps.entries()) {
    const output = own[i]?.output;
    const tensor = output === undefined ? undefined : captured[output];
    if (!tensor) {
      return undefined;
    }
    const added = readMaskStep(tensor, step, site, batch, head, rows, columns);
    added.data.forEach((value, i) => (total[i] += value));
  }
  return steps.length === 0 ? undefined : { rows, columns, data: total };
}

/** One step, or one part, of a mask `[rows, columns]`, broadcast to the size of the scores. */
export function readMaskStep(
  tensor: Tensor,
  step: MaskStep | MaskPart,
  site: AttentionSite,
  batch: number,
  head: number,
  rows: number,
  columns: number,
): Matrix {
  const own = readHead(tensor, { layout: step.layout }, site, batch, head);
  const data = new Float32Array(rows * columns);
  const sign = 'subtracted' in step && step.subtracted ? -1 : 1;
  for (let row = 0, i = 0; row < rows; row++) {
    const from = own.rows === 1 ? 0 : row * own.columns;
    for (let column = 0; column < columns; column++, i++) {
      const value = own.data[from + (own.columns === 1 ? 0 : column)];
      data[i] = step.form === 'add' ? sign * value : (value !== 0) === step.keepsWhenTrue ? 0 : -Infinity;
    }
  }
  return { rows, columns, data };
}
