// NumPy broadcasting (ONNX "Multidirectional Broadcasting") of dimensions and of small tensors.
import { sameDim, type Dim } from './dim';
import { stridesOf, type Scalar, type Value } from './value';

/**
 * Dimensions of an element-wise result. Where two unequal sizes meet and neither is 1, the graph guarantees at run time
 * what cannot be seen here: the size that is a number, or else the first, is taken.
 */
export function broadcastDims(a: readonly Dim[], b: readonly Dim[]): readonly Dim[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (sameDim(left, right) || right === 1) {
      return left;
    }
    return left === 1 || typeof right === 'number' ? right : left;
  });
}

/** The elements of `value` repeated to `dims`; undefined when they cannot be. */
export function expandTo(value: Value, dims: readonly number[]): Value | undefined {
  const rank = dims.length;
  const missing = rank - value.dims.length;
  const own = stridesOf(value.dims);
  const steps: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const size = axis < missing ? 1 : value.dims[axis - missing];
    if (size !== 1 && size !== dims[axis]) {
      return undefined;
    }
    steps.push(size === 1 ? 0 : own[axis - missing]);
  }
  if (missing < 0) {
    return undefined;
  }
  if (missing === 0 && value.dims.every((size, axis) => size === dims[axis])) {
    return value;
  }
  return { kind: value.kind, dims, data: gatherStrided(value.data, dims, steps, 0) };
}

/** Copies the elements at `offset + Σ index·step` for every index within `dims`, in row-major order. */
export function gatherStrided(
  data: ArrayLike<Scalar>,
  dims: readonly number[],
  steps: readonly number[],
  offset: number,
): Scalar[] {
  const size = dims.reduce((product, dim) => product * dim, 1);
  const result = new Array<Scalar>(size);
  const index = new Array<number>(dims.length).fill(0);
  let at = offset;
  for (let i = 0; i < size; i++) {
    result[i] = data[at];
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      at += steps[axis];
      if (++index[axis] < dims[axis]) {
        break;
      }
      at -= steps[axis] * dims[axis];
      index[axis] = 0;
    }
  }
  return result;
}

/** Numeric broadcasting of shapes; undefined when they do not fit. */
export function broadcastShape(a: readonly number[], b: readonly number[]): readonly number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const dims: number[] = [];
  for (let i = 0; i < rank; i++) {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      return undefined;
    }
    dims.push(left === 1 ? right : left);
  }
  return dims;
}
