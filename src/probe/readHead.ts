// Reads one head out of a captured tensor, whatever its layout; copies only where the elements do not lie together.
import type { AttentionSite } from '../anatomy/anatomy';
import { expandHalves } from '../onnx/half';
import { UserError } from '../shared/errors';
import type { Matrix, Tensor } from '../shared/tensor';
import type { Tap } from './probe';

/** What is needed of an attention to find a head. */
export type Heads = Pick<AttentionSite, 'heads' | 'keyValueHeads' | 'headSize'>;
/** What is needed of a tap to read its tensor. */
export type View = Pick<Tap, 'layout' | 'factor'>;

/** Where a matrix lies in a tensor: element `(row, column)` is at `offset + row·rowStep + column·columnStep`. */
interface Place {
  readonly rows: number;
  readonly columns: number;
  readonly offset: number;
  readonly rowStep: number;
  readonly columnStep: number;
}

/**
 * The matrix of one head: `[query, key]` of scores and weights, `[position, element]` of queries, keys and values.
 * An axis of size 1 for batch or head stands for all of them; with grouped queries, heads share keys and values.
 * The result may be a view on the tensor: treat it as read-only.
 *
 * @throws UserError `internal` when the tensor does not have the layout
 */
export function readHead(tensor: Tensor, view: View, heads: Heads, batch: number, head: number): Matrix {
  return readPlace(tensor, placeOf(tensor, view, heads, batch, head), view.factor ?? 1);
}

/** Rows `[first, last]` of what {@link readHead} returns. */
export function readRows(
  tensor: Tensor,
  view: View,
  heads: Heads,
  batch: number,
  head: number,
  first: number,
  last: number,
): Matrix {
  const place = placeOf(tensor, view, heads, batch, head);
  if (first < 0 || last >= place.rows || first > last) {
    throw new UserError('internal', `Rows ${first} to ${last} of ${place.rows} were asked for.`);
  }
  const part = { ...place, rows: last - first + 1, offset: place.offset + first * place.rowStep };
  return readPlace(tensor, part, view.factor ?? 1);
}

function placeOf(tensor: Tensor, { layout }: View, heads: Heads, batch: number, head: number): Place {
  const rank = { heads: 4, headsTransposed: 4, merged: 3, mergedTransposed: 3, flat: 3, grouped: 5 }[layout];
  if (tensor.dims.length > rank) {
    throw wrongLayout(tensor, layout);
  }
  // Axes that broadcasting leaves out are of size 1.
  const dims = [...new Array<number>(rank - tensor.dims.length).fill(1), ...tensor.dims];
  const [rows, columns] = dims.slice(-2);
  switch (layout) {
    case 'heads': {
      const matrix = pick(dims[0], batch) * dims[1] + headIndex(dims[1], heads, head);
      return { rows, columns, offset: matrix * rows * columns, rowStep: columns, columnStep: 1 };
    }
    case 'headsTransposed': {
      const matrix = pick(dims[0], batch) * dims[1] + headIndex(dims[1], heads, head);
      return swapped({ rows, columns, offset: matrix * rows * columns, rowStep: columns, columnStep: 1 });
    }
    case 'merged':
      return {
        rows,
        columns,
        offset: mergedIndex(dims[0], heads, batch, head) * rows * columns,
        rowStep: columns,
        columnStep: 1,
      };
    case 'mergedTransposed': {
      const offset = mergedIndex(dims[0], heads, batch, head) * rows * columns;
      return swapped({ rows, columns, offset, rowStep: columns, columnStep: 1 });
    }
    case 'flat': {
      const count = columns === heads.keyValueHeads * heads.headSize ? heads.keyValueHeads : heads.heads;
      const size = columns / count;
      if (!Number.isInteger(size)) {
        throw wrongLayout(tensor, layout);
      }
      const offset = pick(dims[0], batch) * rows * columns + headIndex(count, heads, head) * size;
      return { rows, columns: size, offset, rowStep: columns, columnStep: 1 };
    }
    case 'grouped': {
      const perKey = Math.max(1, heads.heads / heads.keyValueHeads);
      const keyHead = pick(dims[1], Math.floor(head / perKey));
      const matrix = (pick(dims[0], batch) * dims[1] + keyHead) * dims[2] + pick(dims[2], head % perKey);
      return { rows, columns, offset: matrix * rows * columns, rowStep: columns, columnStep: 1 };
    }
    default:
      return layout satisfies never;
  }
}

/** An index into an axis that may be broadcast. */
const pick = (size: number, index: number): number => (size === 1 ? 0 : index);

/** Heads of this tensor: all, one for all, or one for each group of queries. */
function headIndex(size: number, { heads, keyValueHeads }: Heads, head: number): number {
  return size === 1
    ? 0
    : size === keyValueHeads && keyValueHeads < heads
      ? Math.floor((head * keyValueHeads) / heads)
      : head;
}

/** `[batch·heads]`, or with a single head for all, `[batch]`. */
function mergedIndex(size: number, { heads }: Heads, batch: number, head: number): number {
  if (size === 1) {
    return 0;
  }
  return heads > 0 && size % heads === 0 ? batch * heads + head : batch;
}

function swapped({ rows, columns, offset, rowStep, columnStep }: Place): Place {
  return { rows: columns, columns: rows, offset, rowStep: columnStep, columnStep: rowStep };
}

function readPlace(tensor: Tensor, place: Place, factor: number): Matrix {
  const { rows, columns, offset, rowStep, columnStep } = place;
  const end = rows * columns === 0 ? offset : offset + (rows - 1) * rowStep + (columns - 1) * columnStep + 1;
  if (end > tensor.data.length) {
    throw new UserError(
      'internal',
      `A matrix of ${rows} × ${columns} reaches beyond a tensor [${tensor.dims.join(', ')}].`,
    );
  }
  const { data } = tensor;
  if (data instanceof Float32Array && columnStep === 1 && rowStep === columns && factor === 1) {
    return { rows, columns, data: data.subarray(offset, end) };
  }
  const element = elementReader(tensor);
  const copy = new Float32Array(rows * columns);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, i++) {
      copy[i] = element(offset + row * rowStep + column * columnStep) * factor;
    }
  }
  return { rows, columns, data: copy };
}

function elementReader({ type, data }: Tensor): (index: number) => number {
  if (type === 'float16' && data instanceof Uint16Array) {
    const bits = new Uint32Array(1);
    const float = new Float32Array(bits.buffer);
    return (index) => {
      expandHalves(new Uint8Array(data.buffer, data.byteOffset + 2 * index, 2), bits);
      return float[0];
    };
  }
  return (index) => Number(data[index]);
}

function wrongLayout(tensor: Tensor, layout: string): UserError {
  return new UserError('internal', `A tensor [${tensor.dims.join(', ')}] has not the layout "${layout}".`);
}
