// Two heads over aligned tokens: both matrices brought to the same rows and columns, and how far they are apart.
import { aggregate } from '../shared/aggregate';
import type { AlignedItem, HeadContrast } from '../shared/contrast';
import type { Matrix } from '../shared/tensor';

/** A matrix over all items, with a mark for each cell that its text does not have. */
interface Spread {
  readonly matrix: Matrix;
  readonly absent: Uint8Array<ArrayBuffer>;
}

/**
 * Weights of several pieces that stand at one place are summed over keys and averaged over queries, as for words.
 *
 * @param a `[query, key]` in pieces of the first text; `b` of the second.
 */
export function contrastMatrices(
  a: Matrix,
  b: Matrix,
  queries: readonly AlignedItem[],
  keys: readonly AlignedItem[],
): HeadContrast {
  const first = spread(a, queries, keys, 'a');
  const second = spread(b, queries, keys, 'b');
  const columns = keys.length;
  const data = new Float32Array(queries.length * columns);
  const absent = new Uint8Array(data.length);
  let [sum, largest, cells] = [0, 0, 0];
  queries.forEach((query, row) =>
    keys.forEach((key, column) => {
      const i = row * columns + column;
      if (!query.same || !key.same) {
        absent[i] = 1;
        return;
      }
      data[i] = first.matrix.data[i] - second.matrix.data[i];
      const size = Math.abs(data[i]);
      sum += size;
      largest = Math.max(largest, size);
      cells++;
    }),
  );
  return {
    queries,
    keys,
    a: first.matrix,
    b: second.matrix,
    difference: { rows: queries.length, columns, data },
    absent: { a: first.absent, b: second.absent, difference: absent },
    mean: cells === 0 ? 0 : sum / cells,
    largest,
    cells,
  };
}

function spread(
  matrix: Matrix,
  queries: readonly AlignedItem[],
  keys: readonly AlignedItem[],
  side: 'a' | 'b',
): Spread {
  const present = (items: readonly AlignedItem[]) =>
    items.flatMap((item, index) => {
      const part = item[side];
      return part ? [{ index, part }] : [];
    });
  const [rows, columns] = [present(queries), present(keys)];
  const small = aggregate(
    matrix,
    rows.map(({ part }) => part),
    columns.map(({ part }) => part),
  );
  const data = new Float32Array(queries.length * keys.length);
  const absent = new Uint8Array(data.length).fill(1);
  rows.forEach(({ index: row }, i) =>
    columns.forEach(({ index: column }, j) => {
      data[row * keys.length + column] = small.data[i * small.columns + j];
      absent[row * keys.length + column] = 0;
    }),
  );
  return { matrix: { rows: queries.length, columns: keys.length, data }, absent };
}

/** Mean and largest |A − B| over the cells that both texts have: the same numbers without the pictures, for many heads. */
export function headDistance(
  a: Matrix,
  b: Matrix,
  queries: readonly AlignedItem[],
  keys: readonly AlignedItem[],
): { readonly mean: number; readonly largest: number } {
  const [first, second] = [sameCells(a, queries, keys, 'a'), sameCells(b, queries, keys, 'b')];
  let [sum, largest] = [0, 0];
  for (let i = 0; i < first.data.length; i++) {
    const size = Math.abs(first.data[i] - second.data[i]);
    sum += size;
    largest = size > largest ? size : largest;
  }
  return { mean: first.data.length === 0 ? 0 : sum / first.data.length, largest };
}

function sameCells(
  matrix: Matrix,
  queries: readonly AlignedItem[],
  keys: readonly AlignedItem[],
  side: 'a' | 'b',
): Matrix {
  const parts = (items: readonly AlignedItem[]) =>
    items.flatMap(({ same, [side]: part }) => (same && part ? [part] : []));
  return aggregate(matrix, parts(queries), parts(keys));
}
