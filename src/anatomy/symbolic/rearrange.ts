// Constant folding of operators that move, select or repeat elements without computing on them.
import type { OnnxNode } from '../../onnx/model';
import { intAttribute, intsAttribute } from './attributes';
import { expandTo, gatherStrided } from './broadcast';
import { axisOf, numbersOf, stridesOf, vectorValue, type Scalar, type Value } from './value';

type Inputs = readonly (Value | undefined)[];
type Fold = (
  node: OnnxNode,
  inputs: Inputs,
  limit: number,
) => Value | readonly (Value | undefined)[] | undefined;

const size = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

/** An argument that newer operator sets pass as an input and older ones as an attribute. */
export function intsArgument(
  node: OnnxNode,
  name: string,
  input: Value | undefined,
): readonly number[] | undefined {
  return numbersOf(input) ?? intsAttribute(node, name);
}

export const REARRANGE: Readonly<Record<string, Fold>> = {
  Reshape(node, [value, shape]) {
    const target = numbersOf(shape) ?? intsAttribute(node, 'shape');
    return value && target && reshape(value, target, intAttribute(node, 'allowzero') === 1);
  },
  Squeeze(node, [value, axesInput]) {
    if (!value) {
      return undefined;
    }
    const axes = intsArgument(node, 'axes', axesInput)?.map((axis) => axisOf(axis, value.dims.length));
    return { ...value, dims: value.dims.filter((dim, axis) => !(axes ? axes.includes(axis) : dim === 1)) };
  },
  Unsqueeze(node, [value, axesInput]) {
    const axes = intsArgument(node, 'axes', axesInput);
    return value && axes && { ...value, dims: insertOnes(value.dims, axes) };
  },
  Flatten(node, [value]) {
    if (!value) {
      return undefined;
    }
    const axis = axisOf(intAttribute(node, 'axis') ?? 1, value.dims.length);
    return { ...value, dims: [size(value.dims.slice(0, axis)), size(value.dims.slice(axis))] };
  },
  Transpose(node, [value]) {
    if (!value) {
      return undefined;
    }
    const perm = intsAttribute(node, 'perm') ?? value.dims.map((_, axis) => value.dims.length - 1 - axis);
    const strides = stridesOf(value.dims);
    const dims = perm.map((axis) => value.dims[axis]);
    return {
      kind: value.kind,
      dims,
      data: gatherStrided(
        value.data,
        dims,
        perm.map((axis) => strides[axis]),
        0,
      ),
    };
  },
  Expand(_, [value, shape], limit) {
    const target = numbersOf(shape);
    if (!value || !target) {
      return undefined;
    }
    const rank = Math.max(target.length, value.dims.length);
    const dims = Array.from({ length: rank }, (__, i) => {
      const own = value.dims[i - rank + value.dims.length] ?? 1;
      const wanted = target[i - rank + target.length] ?? 1;
      return wanted === 1 ? own : wanted;
    });
    return size(dims) > limit ? undefined : expandTo(value, dims);
  },
  Tile(_, [value, repeats], limit) {
    const times = numbersOf(repeats);
    if (!value || !times || size(value.dims) * size(times) > limit) {
      return undefined;
    }
    // Each axis becomes [repeat, size], the first with stride 0, and both are merged again.
    const strides = stridesOf(value.dims);
    const dims = value.dims.flatMap((dim, axis) => [times[axis], dim]);
    const data = gatherStrided(
      value.data,
      dims,
      strides.flatMap((stride) => [0, stride]),
      0,
    );
    return { kind: value.kind, dims: value.dims.map((dim, axis) => dim * times[axis]), data };
  },
  Concat(node, inputs) {
    const parts = inputs
      .filter((input): input is Value => input !== undefined)
      .map((part) => (part.dims.length === 0 ? { ...part, dims: [1] } : part));
    return parts.length === inputs.length && parts.length > 0
      ? concat(parts, axisOf(intAttribute(node, 'axis') ?? 0, parts[0].dims.length))
      : undefined;
  },
  Split(node, [value, splitInput]) {
    if (!value) {
      return undefined;
    }
    const axis = axisOf(intAttribute(node, 'axis') ?? 0, value.dims.length);
    const count = node.outputs.length;
    const even = Math.ceil(value.dims[axis] / count);
    const lengths =
      intsArgument(node, 'split', splitInput) ??
      Array.from({ length: count }, (_, i) => Math.min(even, value.dims[axis] - i * even));
    let start = 0;
    return lengths.map((length) => {
      start += length;
      return sliceAxis(value, axis, start - length, 1, length);
    });
  },
  Slice(node, [value, startsInput, endsInput, axesInput, stepsInput]) {
    const starts = numbersOf(startsInput) ?? intsAttribute(node, 'starts');
    const ends = numbersOf(endsInput) ?? intsAttribute(node, 'ends');
    if (!value || !starts || !ends) {
      return undefined;
    }
    const axes = intsArgument(node, 'axes', axesInput) ?? starts.map((_, i) => i);
    const steps = numbersOf(stepsInput) ?? starts.map(() => 1);
    return axes.reduce<Value>((part, axisGiven, i) => {
      const axis = axisOf(axisGiven, part.dims.length);
      return slice(part, axis, starts[i], ends[i], steps[i]);
    }, value);
  },
  Gather(node, [value, indices]) {
    const wanted = numbersOf(indices);
    if (!value || !indices || !wanted) {
      return undefined;
    }
    const axis = axisOf(intAttribute(node, 'axis') ?? 0, value.dims.length);
    return gather(value, axis, wanted, indices.dims);
  },
  GatherElements(node, [value, indices]) {
    const wanted = numbersOf(indices);
    if (!value || !indices || !wanted) {
      return undefined;
    }
    const axis = axisOf(intAttribute(node, 'axis') ?? 0, value.dims.length);
    const strides = stridesOf(value.dims);
    const own = stridesOf(indices.dims);
    const data = wanted.map((index, i) => {
      let at = 0;
      for (let k = 0; k < indices.dims.length; k++) {
        const here = Math.floor(i / own[k]) % indices.dims[k];
        at += strides[k] * (k === axis ? axisOf(index, value.dims[axis]) : here);
      }
      return value.data[at];
    });
    return { kind: value.kind, dims: indices.dims, data };
  },
  GatherND(_, [value, indices]) {
    const wanted = numbersOf(indices);
    if (!value || !indices || !wanted) {
      return undefined;
    }
    const depth = indices.dims[indices.dims.length - 1];
    const strides = stridesOf(value.dims);
    const inner = value.dims.slice(depth);
    const block = size(inner);
    const data: Scalar[] = [];
    for (let i = 0; i < wanted.length; i += depth) {
      let at = 0;
      for (let k = 0; k < depth; k++) {
        at += strides[k] * axisOf(wanted[i + k], value.dims[k]);
      }
      for (let k = 0; k < block; k++) {
        data.push(value.data[at + k]);
      }
    }
    return { kind: value.kind, dims: [...indices.dims.slice(0, -1), ...inner], data };
  },
  ScatterND(_, [value, indices, updates]) {
    const wanted = numbersOf(indices);
    if (!value || !indices || !wanted || !updates) {
      return undefined;
    }
    const depth = indices.dims[indices.dims.length - 1];
    const strides = stridesOf(value.dims);
    const block = size(value.dims.slice(depth));
    const data = Array.from(value.data);
    for (let i = 0, from = 0; i < wanted.length; i += depth) {
      let at = 0;
      for (let k = 0; k < depth; k++) {
        at += strides[k] * axisOf(wanted[i + k], value.dims[k]);
      }
      for (let k = 0; k < block; k++) {
        data[at + k] = updates.data[from++];
      }
    }
    return { kind: value.kind, dims: value.dims, data };
  },
  Trilu(node, [value, k]) {
    if (!value || value.dims.length < 2) {
      return undefined;
    }
    const upper = (intAttribute(node, 'upper') ?? 1) === 1;
    const diagonal = k?.data[0] ?? 0;
    if (typeof diagonal !== 'number') {
      return undefined;
    }
    const [rows, columns] = value.dims.slice(-2);
    const data = Array.from(value.data, (element, i) => {
      const above = (i % columns) - (Math.floor(i / columns) % rows) - diagonal;
      return (upper ? above >= 0 : above <= 0) ? element : 0;
    });
    return { kind: value.kind, dims: value.dims, data };
  },
  NonZero(_, [value]) {
    const numbers = numbersOf(value);
    if (!value || !numbers) {
      return undefined;
    }
    const found = [...numbers.keys()].filter((i) => numbers[i] !== 0);
    const strides = stridesOf(value.dims);
    const data = value.dims.flatMap((dim, axis) => found.map((i) => Math.floor(i / strides[axis]) % dim));
    return { kind: 'int', dims: [value.dims.length, found.length], data };
  },
};

/** The dimensions with ones inserted at `axes` of the result. */
export function insertOnes<T>(dims: readonly T[], axes: readonly number[]): readonly (T | 1)[] {
  const rank = dims.length + axes.length;
  const inserted = new Set(axes.map((axis) => axisOf(axis, rank)));
  let next = 0;
  return Array.from({ length: rank }, (_, axis) => (inserted.has(axis) ? 1 : dims[next++]));
}

function reshape(value: Value, target: readonly number[], allowZero: boolean): Value | undefined {
  const dims = target.map((dim, axis) => (dim === 0 && !allowZero ? value.dims[axis] : dim));
  const open = dims.indexOf(-1);
  if (open >= 0) {
    const known = size(dims.filter((dim) => dim !== -1));
    dims[open] = known === 0 ? 0 : value.data.length / known;
  }
  return size(dims) === value.data.length ? { ...value, dims } : undefined;
}

function concat(parts: readonly Value[], axis: number): Value {
  const dims = parts[0].dims.map((dim, i) =>
    i === axis ? parts.reduce((sum, part) => sum + part.dims[i], 0) : dim,
  );
  const outer = size(dims.slice(0, axis));
  const data: Scalar[] = [];
  for (let block = 0; block < outer; block++) {
    for (const part of parts) {
      const length = size(part.dims.slice(axis));
      for (let i = 0; i < length; i++) {
        data.push(part.data[block * length + i]);
      }
    }
  }
  return { kind: parts[0].kind, dims, data };
}

function slice(value: Value, axis: number, start: number, end: number, step: number): Value {
  const dim = value.dims[axis];
  const [lowest, highest] = step > 0 ? [0, dim] : [-1, dim - 1];
  const clamp = (bound: number): number =>
    Math.min(Math.max(bound < 0 ? bound + dim : bound, lowest), highest);
  const from = step > 0 ? clamp(start) : Math.min(Math.max(start < 0 ? start + dim : start, 0), dim - 1);
  const length = Math.max(0, Math.ceil((clamp(end) - from) / step));
  return sliceAxis(value, axis, from, step, length);
}

function sliceAxis(value: Value, axis: number, start: number, step: number, length: number): Value {
  const strides = stridesOf(value.dims);
  const dims = value.dims.map((dim, i) => (i === axis ? length : dim));
  const steps = strides.map((stride, i) => (i === axis ? stride * step : stride));
  return { kind: value.kind, dims, data: gatherStrided(value.data, dims, steps, start * strides[axis]) };
}

function gather(value: Value, axis: number, indices: readonly number[], shape: readonly number[]): Value {
  const outer = size(value.dims.slice(0, axis));
  const inner = size(value.dims.slice(axis + 1));
  const dim = value.dims[axis];
  const data: Scalar[] = [];
  for (let block = 0; block < outer; block++) {
    for (const index of indices) {
      const from = (block * dim + axisOf(index, dim)) * inner;
      for (let i = 0; i < inner; i++) {
        data.push(value.data[from + i]);
      }
    }
  }
  return {
    kind: value.kind,
    dims: [...value.dims.slice(0, axis), ...shape, ...value.dims.slice(axis + 1)],
    data,
  };
}

/** A vector made of the given sizes. */
export const sizesVector = (dims: readonly Scalar[]): Value => vectorValue('int', dims);
