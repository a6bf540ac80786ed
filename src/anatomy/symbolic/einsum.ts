// Einsum equations: parsing, and constant folding of small ones. Ellipses and repeated labels in one operand are not read.
import type { OnnxNode } from '../../onnx/model';
import { stringAttribute } from './attributes';
import { numbersOf, stridesOf, type Value } from './value';

/** The labels of each operand and of the result, e.g. `bhqd,bhkd->bhqk`. */
export interface Equation {
  readonly operands: readonly string[];
  readonly result: string;
}

/** The equation of an Einsum node; undefined for forms with `...` and for traces. */
export function equationOf(node: OnnxNode): Equation | undefined {
  const text = stringAttribute(node, 'equation')?.replace(/\s+/g, '');
  const match = text === undefined ? null : /^([A-Za-z,]+)(?:->([A-Za-z]*))?$/.exec(text);
  if (!match) {
    return undefined;
  }
  const operands = match[1].split(',');
  if (operands.some((labels) => new Set(labels).size !== labels.length)) {
    return undefined;
  }
  const all = operands.join('');
  // Without an arrow the result has the labels that occur once, sorted.
  const implicit = [...new Set(all)].filter((label) => all.indexOf(label) === all.lastIndexOf(label)).sort();
  return { operands, result: match[2] ?? implicit.join('') };
}

export function foldEinsum(
  node: OnnxNode,
  inputs: readonly (Value | undefined)[],
  limit: number,
): Value | undefined {
  const equation = equationOf(node);
  const values = inputs.filter((input): input is Value => input !== undefined);
  const numbers = values.map(numbersOf).filter((data): data is readonly number[] => data !== undefined);
  if (!equation || numbers.length !== equation.operands.length || numbers.length !== inputs.length) {
    return undefined;
  }
  const sizes = new Map<string, number>();
  equation.operands.forEach((labels, i) => {
    [...labels].forEach((label, axis) =>
      sizes.set(label, Math.max(sizes.get(label) ?? 1, values[i].dims[axis])),
    );
  });
  const summed = [...sizes.keys()].filter((label) => !equation.result.includes(label));
  const labels = [...equation.result, ...summed];
  const dims = labels.map((label) => sizes.get(label) ?? 1);
  const inner = dims.slice(equation.result.length).reduce((a, b) => a * b, 1);
  const outer = dims.slice(0, equation.result.length).reduce((a, b) => a * b, 1);
  if (inner * outer > 8 * limit) {
    return undefined;
  }
  const steps = equation.operands.map((operand, i) => {
    const strides = stridesOf(values[i].dims);
    return labels.map((label) => {
      const axis = operand.indexOf(label);
      return axis < 0 || values[i].dims[axis] === 1 ? 0 : strides[axis];
    });
  });
  const all = stridesOf(dims);
  const data = new Array<number>(outer).fill(0);
  for (let i = 0; i < outer * inner; i++) {
    let term = 1;
    for (let k = 0; k < numbers.length; k++) {
      let at = 0;
      for (let axis = 0; axis < dims.length; axis++) {
        at += (Math.floor(i / all[axis]) % dims[axis]) * steps[k][axis];
      }
      term *= numbers[k][at];
    }
    data[Math.floor(i / inner)] += term;
  }
  return { kind: values[0].kind, dims: dims.slice(0, equation.result.length), data };
}
