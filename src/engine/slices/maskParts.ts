// Splits the mask of one attention into what padding removes and what order removes: by the graph's own tensors, else by a second run.
import type { AttentionSite, MaskPart } from '../../anatomy/anatomy';
import { maskSteps } from '../../probe/maskSteps';
import { readMaskStep, removesKey } from '../../probe/readMask';
import type { Matrix } from '../../shared/tensor';
import type { StackRun } from '../stackRun';
import { totalMask } from './maskedCells';

/** One part with where it comes from; a part that removes nothing is left out. */
export interface Part {
  readonly matrix: Matrix;
  readonly source: string;
}

export interface MaskParts {
  readonly padding: Part | undefined;
  readonly causal: Part | undefined;
}

/** @param total The whole mask of the text, see {@link totalMask}. */
export async function maskParts(
  run: StackRun,
  site: AttentionSite,
  batch: number,
  total: Matrix,
  signal?: AbortSignal,
): Promise<MaskParts> {
  if (isSplitByGraph(site)) {
    return {
      padding: ownPart(run, site, batch, total, 'padding'),
      causal: ownPart(run, site, batch, total, 'causal'),
    };
  }
  // The same texts as if nothing were padded: what is removed then is removed because of the order of tokens.
  const bare = await totalMask(run.unpadded(), site, batch, total, signal);
  const { padding, causal } = split(total, bare);
  const source = site.mask?.tensor ?? 'the fused operator';
  return {
    padding: padding && { matrix: padding, source: `difference of ${source} with and without padding` },
    causal: causal && { matrix: causal, source: `${source} in a run without padding` },
  };
}

/** Whether each step of the mask is either padding or causal, and not both in one tensor. */
function isSplitByGraph({ mask }: AttentionSite): boolean {
  const steps = maskSteps({ mask });
  const kinds = steps.map(({ tensor }) => mask?.parts.filter((part) => part.tensor === tensor) ?? []);
  return steps.length > 0 && kinds.every((parts) => parts.length === 1 && parts[0].kind !== 'other');
}

/** The steps of one kind, added up. Their tensors were captured with the total. */
function ownPart(
  run: StackRun,
  site: AttentionSite,
  batch: number,
  { rows, columns }: Matrix,
  kind: MaskPart['kind'],
): Part | undefined {
  const taps = run.stack.taps.filter((tap) => tap.attention === site.name && tap.role === 'mask');
  const data = new Float32Array(rows * columns);
  const sources: string[] = [];
  for (const [i, step] of maskSteps(site).entries()) {
    if (site.mask?.parts.some((part) => part.tensor === step.tensor && part.kind === kind)) {
      const added = readMaskStep(run.get(taps[i].output), step, site, batch, 0, rows, columns);
      added.data.forEach((value, cell) => (data[cell] += value));
      sources.push(step.tensor);
    }
  }
  return data.some(removesKey) ? { matrix: { rows, columns, data }, source: sources.join(' + ') } : undefined;
}

/** Splits a mask into what order removes (`bare`) and the whole columns that padding removes besides. */
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
