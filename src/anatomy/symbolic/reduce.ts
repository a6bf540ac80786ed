// Constant folding of operators that combine elements: reductions, cumulative sums, ranges and small products.
import type { OnnxNode } from '../../onnx/model';
import { intAttribute } from './attributes';
import { broadcastShape, expandTo } from './broadcast';
import { multiply } from './dim';
import { intsArgument } from './rearrange';
import { axisOf, numberOf, numbersOf, stridesOf, type Scalar, type Value } from './value';

type Inputs = readonly (Value | undefined)[];
type Fold = (node: OnnxNode, inputs: Inputs, limit: number) => Value | undefined;

const size = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

const REDUCERS: Readonly<Record<string, (elements: readonly number[]) => number>> = {
  ReduceSum: (elements) => elements.reduce((a, b) => a + b, 0),
  ReduceMean: (elements) => elements.reduce((a, b) => a + b, 0) / elements.length,
  ReduceMax: (elements) => elements.reduce((a, b) => Math.max(a, b), -Infinity),
  ReduceMin: (elements) => elements.reduce((a, b) => Math.min(a, b), Infinity),
  ReduceProd: (elements) => elements.reduce((a, b) => a * b, 1),
};

const reduce: Fold = (node, [value, axesInput]) => {
  const reducer = REDUCERS[node.opType];
  if (!value) {
    return undefined;
  }
  const rank = value.dims.length;
  const given = intsArgument(node, 'axes', axesInput);
  if ((!given || given.length === 0) && intAttribute(node, 'noop_with_empty_axes') === 1) {
    return value;
  }
  const axes = new Set(
    (given && given.length > 0 ? given : value.dims.map((_, i) => i)).map((a) => axisOf(a, rank)),
  );
  const keep = (intAttribute(node, 'keepdims') ?? 1) === 1;
  const numbers = numbersOf(value);
  const dims = value.dims.flatMap((dim, axis) => (axes.has(axis) ? (keep ? [1] : []) : [dim]));
  if (!numbers) {
    // Products of symbolic sizes occur where exporters count elements.
    const all = Array.from(value.data);
    return node.opType === 'ReduceProd' && axes.size === rank && all.every((element) => element !== undefined)
      ? { kind: value.kind, dims, data: [all.reduce<NonNullable<Scalar>>((a, b) => multiply(a, b), 1)] }
      : undefined;
  }
  const kept = value.dims.map((dim, axis) => (axes.has(axis) ? 1 : dim));
  const keptStrides = stridesOf(kept);
  const strides = stridesOf(value.dims);
  const groups = Array.from({ length: size(kept) }, (): number[] => []);
  numbers.forEach((element, i) => {
    let group = 0;
    for (let axis = 0; axis < rank; axis++) {
      if (!axes.has(axis)) {
        group += (Math.floor(i / strides[axis]) % value.dims[axis]) * keptStrides[axis];
      }
    }
    groups[group].push(element);
  });
  return { kind: value.kind, dims, data: groups.map(reducer) };
};

const matMul: Fold = (_, [a, b], limit) => {
  const left = numbersOf(a);
  const right = numbersOf(b);
  if (!a || !b || !left || !right || a.dims.length < 2 || b.dims.length < 2) {
    return undefined;
  }
  const [rows, inner] = a.dims.slice(-2);
  const columns = b.dims[b.dims.length - 1];
  const outer = broadcastShape(a.dims.slice(0, -2), b.dims.slice(0, -2));
  if (!outer || b.dims[b.dims.length - 2] !== inner || size(outer) * rows * columns * inner > 8 * limit) {
    return undefined;
  }
  const leftBlocks = blockIndexes(a.dims.slice(0, -2), outer);
  const rightBlocks = blockIndexes(b.dims.slice(0, -2), outer);
  const data: number[] = [];
  for (let block = 0; block < size(outer); block++) {
    const fromLeft = leftBlocks[block] * rows * inner;
    const fromRight = rightBlocks[block] * inner * columns;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let i = 0; i < inner; i++) {
          sum += left[fromLeft + row * inner + i] * right[fromRight + i * columns + column];
        }
        data.push(sum);
      }
    }
  }
  return { kind: a.kind, dims: [...outer, rows, columns], data };
};

/** For every block of the broadcast result, which block of the operand it reads. */
function blockIndexes(dims: readonly number[], outer: readonly number[]): readonly number[] {
  const own: Value = { kind: 'int', dims, data: Array.from({ length: size(dims) }, (_, i) => i) };
  return numbersOf(expandTo(own, outer)) ?? [];
}

export const REDUCE: Readonly<Record<string, Fold>> = {
  ...Object.fromEntries(Object.keys(REDUCERS).map((opType) => [opType, reduce])),
  CumSum(node, [value, axisInput]) {
    const numbers = numbersOf(value);
    const axisGiven = numberOf(axisInput);
    if (!value || !numbers || axisGiven === undefined) {
      return undefined;
    }
    const axis = axisOf(axisGiven, value.dims.length);
    const stride = stridesOf(value.dims)[axis];
    const dim = value.dims[axis];
    const exclusive = intAttribute(node, 'exclusive') === 1;
    const reverse = intAttribute(node, 'reverse') === 1;
    const data = numbers.slice();
    const [first, next] = reverse ? [dim - 1, -stride] : [0, stride];
    for (let start = 0; start < data.length; start++) {
      if (Math.floor(start / stride) % dim !== 0) {
        continue;
      }
      let sum = 0;
      for (let k = 0, at = start + first * stride; k < dim; k++, at += next) {
        sum += numbers[at];
        data[at] = exclusive ? sum - numbers[at] : sum;
      }
    }
    return { kind: value.kind, dims: value.dims, data };
  },
  Range(_, [startInput, limitInput, deltaInput], limit) {
    const [start, end, delta] = [numberOf(startInput), numberOf(limitInput), numberOf(deltaInput)];
    if (start === undefined || end === undefined || delta === undefined || !startInput) {
      return undefined;
    }
    const length = Math.max(0, Math.ceil((end - start) / delta));
    return length > limit
      ? undefined
      : { kind: startInput.kind, dims: [length], data: Array.from({ length }, (__, i) => start + i * delta) };
  },
  MatMul: matMul,
};
