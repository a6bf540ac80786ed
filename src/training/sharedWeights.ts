// Finds weights that are one parameter stored several times: in both graphs of a model, or again with the axes swapped.
import type { Initializer } from '../onnx/model';
import { floatsOf } from '../onnx/tensorValues';
import { sizeOf } from '../shared/tensor';
import type { Place, StackName } from './trainingStack';

/** A weight of one of the graphs. */
export interface PlacedWeight {
  readonly stack: StackName;
  readonly weight: Initializer;
}

/** Places that hold the same numbers; the first is never transposed and has the shape `dims`. */
export interface SharedWeight {
  readonly dims: readonly number[];
  readonly places: readonly [Place, ...Place[]];
}

/**
 * Groups weights that are equal in every number, as stored or transposed. Only matrices are tied, and only those whose
 * numbers differ among themselves: vectors of zeros and ones are equal because they were never trained, and are each
 * a parameter of their own.
 *
 * @throws UserError `modelMissing` when a weight stands in a file that was not given.
 */
export function sharedWeights(weights: readonly PlacedWeight[]): SharedWeight[] {
  const groups: { first: PlacedWeight; values: Float32Array; places: [Place, ...Place[]] }[] = [];
  const bySize = new Map<number, typeof groups>();
  for (const placed of weights) {
    const { stack, weight } = placed;
    const values = floatsOf(weight);
    const size = sizeOf(weight.dims);
    const alike = bySize.get(size) ?? [];
    bySize.set(size, alike);
    const found = alike.flatMap((group) => {
      const how = isTieable(weight, values)
        ? sameness(group.first.weight, group.values, weight, values)
        : undefined;
      return how ? [{ group, how }] : [];
    })[0];
    if (found) {
      found.group.places.push({ stack, weight: weight.name, transposed: found.how === 'transposed' });
    } else {
      const group: (typeof groups)[number] = {
        first: placed,
        values,
        places: [{ stack, weight: weight.name, transposed: false }],
      };
      groups.push(group);
      alike.push(group);
    }
  }
  return groups.map(({ first, places }) => ({ dims: first.weight.dims, places }));
}

function isTieable({ dims }: Initializer, values: Float32Array): boolean {
  return dims.length === 2 && Math.min(...dims) > 1 && values.some((value) => value !== values[0]);
}

function sameness(
  { dims: a }: Initializer,
  x: Float32Array,
  { dims: b }: Initializer,
  y: Float32Array,
): 'same' | 'transposed' | undefined {
  if (a.length !== 2) {
    return undefined;
  }
  const [rows, columns] = a;
  if (b[0] === rows && b[1] === columns && x.every((value, i) => value === y[i])) {
    return 'same';
  }
  return b[0] === columns && b[1] === rows && isTransposed(x, y, rows, columns) ? 'transposed' : undefined;
}

function isTransposed(x: Float32Array, y: Float32Array, rows: number, columns: number): boolean {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (x[row * columns + column] !== y[column * rows + row]) {
        return false;
      }
    }
  }
  return true;
}

/** A matrix `[rows, columns]` with its axes swapped. */
export function transposed(values: Float32Array, rows: number, columns: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = values[row * columns + column];
    }
  }
  return result;
}
