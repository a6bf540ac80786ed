// One head out of a captured tensor, or the mean of all heads of the layer.
import type { AttentionSite } from '../../anatomy/anatomy';
import { readHead } from '../../probe/readHead';
import type { Matrix, Tensor } from '../../shared/tensor';
import type { Captured } from '../stackRun';

/** The same as a view on the captured tensor, where it lies in one piece: read-only, and never to be transferred. */
export function headView(
  { tap, tensor }: Captured,
  site: AttentionSite,
  batch: number,
  head: number,
): Matrix {
  return readHead(tensor, tap, site, batch, head);
}

/** `[query, key]`, or `[position, element]`, in memory of its own. */
export function headMatrix(
  { tap, tensor }: Captured,
  site: AttentionSite,
  batch: number,
  head: number | 'mean',
): Matrix {
  if (head !== 'mean') {
    const { rows, columns, data } = readHead(tensor, tap, site, batch, head);
    return { rows, columns, data: data.slice() };
  }
  const first = headMatrix({ tap, tensor }, site, batch, 0);
  for (let other = 1; other < site.heads; other++) {
    const { data } = readHead(tensor, tap, site, batch, other);
    data.forEach((value, i) => (first.data[i] += value));
  }
  first.data.forEach((sum, i) => (first.data[i] = sum / site.heads));
  return first;
}

/** All heads of all texts `[batch, heads, rows, columns]`, whatever the layout in the graph. */
export function allHeads(captured: Captured, site: AttentionSite, batch: number): Tensor {
  const heads = Array.from({ length: batch }, (_, text) =>
    Array.from({ length: site.heads }, (_, head) =>
      readHead(captured.tensor, captured.tap, site, text, head),
    ),
  ).flat();
  const { rows = 0, columns = 0 } = heads[0] ?? {};
  const data = new Float32Array(heads.length * rows * columns);
  heads.forEach((matrix, i) => data.set(matrix.data, i * rows * columns));
  return { type: 'float32', dims: [batch, site.heads, rows, columns], data };
}
