// The mask of one attention in parts: the padding of a batch, what lies ahead of each token, and their sum as it enters the softmax.
import { removesKey } from '../../probe/readMask';
import type { Matrix } from '../../shared/tensor';
import type { Masks, MasksRequest, MaskStage } from '../../shared/trace';
import type { Trace } from '../trace';
import { totalMask } from './maskedCells';

/** @throws UserError `badRequest` */
export async function masksSlice(trace: Trace, request: MasksRequest, signal?: AbortSignal): Promise<Masks> {
  const { attention, batch } = request;
  const { site, run } = trace.attention(attention);
  const form = site.fused ? 'fused' : (site.mask?.form ?? 'none');
  const sharedBy = site.mask
    ? run.stack.anatomy.attentions
        .filter(({ name, mask }) => name !== attention && mask?.tensor === site.mask?.tensor)
        .map(({ name }) => name)
    : [];
  const common = { form, input: site.mask?.inputs.join(', ') || site.mask?.tensor, sharedBy } as const;
  const total = await totalMask(run, site, batch, undefined, signal);
  if (!total) {
    return {
      ...common,
      padding: undefined,
      causal: undefined,
      total: undefined,
      dims: undefined,
      maskedValue: undefined,
      why: site.fused
        ? 'The mask is inside a fused operator and has no tensor of its own.'
        : 'Nothing is added to the scores of this attention.',
    };
  }
  // The same texts as if nothing were padded: what is removed then is removed because of the order of tokens.
  const bare = await totalMask(run.unpadded(), site, batch, total, signal);
  const captured = await run.capture(attention, 'mask', signal);
  const source = site.mask?.tensor ?? 'the fused operator';
  const parts = split(total, bare);
  return {
    ...common,
    padding:
      parts.padding && stage(parts.padding, `difference of ${source} with and without padding`, 'columns'),
    causal: parts.causal && stage(parts.causal, `${source} in a run without padding`, 'cells'),
    total: stage(total, source, 'cells'),
    dims: captured?.tensor.dims,
    maskedValue: lowest(total),
    why: parts.padding || parts.causal ? undefined : 'This mask removes nothing in this run.',
  };
}

/** Splits a mask into what order removes (`bare`) and what padding removes besides. */
export function split(
  total: Matrix,
  bare: Matrix | undefined,
): { readonly padding: Matrix | undefined; readonly causal: Matrix | undefined } {
  const { rows, columns } = total;
  const padding = new Float32Array(total.data.length);
  let padded = false;
  for (let key = 0; key < columns; key++) {
    const cells = Array.from({ length: rows }, (_, query) => query * columns + key);
    const extra = cells.find((i) => removesKey(total.data[i]) && !(bare && removesKey(bare.data[i])));
    if (extra !== undefined) {
      padded = true;
      cells.forEach((i) => (padding[i] = total.data[extra]));
    }
  }
  const causal = bare?.data.some(removesKey) ? bare : undefined;
  return { padding: padded ? { rows, columns, data: padding } : undefined, causal };
}

function stage(matrix: Matrix, source: string, count: 'columns' | 'cells'): MaskStage {
  const cells = matrix.data.reduce((sum, value) => sum + Number(removesKey(value)), 0);
  return { matrix, source, removed: count === 'columns' ? cells / matrix.rows : cells };
}

function lowest(matrix: Matrix): number {
  return matrix.data.reduce((a, b) => Math.min(a, b), 0);
}
