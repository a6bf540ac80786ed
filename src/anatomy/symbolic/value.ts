// A small tensor whose elements may be symbolic sizes: what constant folding computes with; nothing runs here.
import type { Dim } from './dim';

/** An element: a number (booleans are 0 and 1), a size, or undefined when it is not known. */
export type Scalar = Dim | undefined;

/** A dense tensor in row-major order. Integers beyond 2^53 are rounded: they occur only as "to the end" in slices. */
export interface Value {
  readonly kind: 'int' | 'float' | 'bool';
  readonly dims: readonly number[];
  readonly data: ArrayLike<Scalar>;
}

export function scalarValue(kind: Value['kind'], element: Scalar): Value {
  return { kind, dims: [], data: [element] };
}

export function vectorValue(kind: Value['kind'], elements: readonly Scalar[]): Value {
  return { kind, dims: [elements.length], data: elements };
}

/** The elements when every one is a number, else undefined. */
export function numbersOf(value: Value | undefined): readonly number[] | undefined {
  if (!value) {
    return undefined;
  }
  const numbers: number[] = new Array<number>(value.data.length);
  for (let i = 0; i < numbers.length; i++) {
    const element = value.data[i];
    if (typeof element !== 'number') {
      return undefined;
    }
    numbers[i] = element;
  }
  return numbers;
}

/** The only element, when there is exactly one and it is a number. */
export function numberOf(value: Value | undefined): number | undefined {
  const element = value?.data.length === 1 ? value.data[0] : undefined;
  return typeof element === 'number' ? element : undefined;
}

/** The elements when every one is known, be it as a symbolic size. */
export function dimsOf(value: Value | undefined): readonly Dim[] | undefined {
  if (!value || value.dims.length > 1) {
    return undefined;
  }
  const dims: Dim[] = [];
  for (let i = 0; i < value.data.length; i++) {
    const element = value.data[i];
    if (element === undefined) {
      return undefined;
    }
    dims.push(element);
  }
  return dims;
}

/** Row-major strides. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length).fill(1);
  for (let axis = dims.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] ?? 1) * (dims[axis + 1] ?? 1);
  }
  return strides;
}

/** An axis counted from the end when negative. */
export function axisOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
