// The mask of one attention in parts: the padding of a batch, what lies ahead of each token, and their sum as it enters the softmax.
import { removesKey } from '../../probe/readMask';
import type { Matrix } from '../../shared/tensor';
import type { Masks, MasksRequest, MaskStage } from '../../shared/trace';
import type { Trace } from '../trace';
import { totalMask } from './maskedCells';
import type { Part } from './maskParts';
import { maskParts } from './maskParts';

/** @throws UserError `badRequest` */
export async function masksSlice(trace: Trace, request: MasksRequest, signal?: AbortSignal): Promise<Masks> {
  const { attention, batch } = request;
  const { site, run } = trace.attention(attention);
  const { mask } = site;
  const common = {
    form: site.fused ? 'fused' : (mask?.form ?? 'none'),
    input: mask && (mask.inputs.join(', ') || mask.tensor),
    sharedBy: run.stack.anatomy.attentions
      .filter((other) => mask && other.name !== attention && other.mask?.tensor === mask.tensor)
      .map(({ name }) => name),
  } as const;
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
        ? 'The fused operator removes no key in this run.'
        : 'Nothing is added to the scores of this attention.',
    };
  }
  if (run.stack.replacedMasks.has(attention)) {
    return {
      ...common,
      form: 'where',
      input: undefined,
      padding: undefined,
      causal: undefined,
      total: stageOf({ matrix: total, source: 'an intervention' }, 'cells'),
      dims: [total.rows, total.columns],
      maskedValue: -Infinity,
      why: 'An intervention replaced this mask, so it has no parts of its own; the mask of head 0 is shown.',
    };
  }
  const { padding, causal } = await maskParts(run, site, batch, total, signal);
  const captured = await run.capture(attention, 'mask', signal);
  const source = mask ? [mask, ...mask.more].map(({ tensor }) => tensor).join(' + ') : 'the fused operator';
  return {
    ...common,
    padding: padding && stageOf(padding, 'columns'),
    causal: causal && stageOf(causal, 'cells'),
    total: stageOf({ matrix: total, source }, 'cells'),
    dims: captured?.tensor.dims,
    maskedValue: total.data.reduce((lowest, value) => Math.min(lowest, value), 0),
    why: padding || causal ? undefined : 'This mask removes nothing in this run.',
  };
}

function stageOf({ matrix, source }: Part, count: 'columns' | 'cells'): MaskStage {
  return { matrix, source, removed: count === 'columns' ? removedColumns(matrix) : removedCells(matrix) };
}

function removedCells({ data }: Matrix): number {
  return data.reduce((count, value) => count + Number(removesKey(value)), 0);
}

/** Padding removes the same keys from every query; the first row tells which. */
function removedColumns({ columns, data }: Matrix): number {
  return removedCells({ rows: 1, columns, data: data.subarray(0, columns) });
}
