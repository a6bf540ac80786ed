// The whole mask of one attention as numbers that are added to the scores, and the cells that it removes.
import type { AttentionSite } from '../../anatomy/anatomy';
import type { Tap } from '../../probe/probe';
import { maskSteps } from '../../probe/maskSteps';
import { readMask, removesKey } from '../../probe/readMask';
import type { Matrix } from '../../shared/tensor';
import type { StackRun } from '../stackRun';
import { headMatrix } from './heads';

/**
 * What the mask adds `[query, key]`: 0 keeps; undefined when the attention has no mask. Where a fused operator hides its
 * mask, it is the difference of the scores before and after.
 *
 * @param like A matrix of the same size, if there is one at hand.
 * @param head Only masks that an experiment put in place differ from head to head.
 */
export async function totalMask(
  run: StackRun,
  site: AttentionSite,
  batch: number,
  like: Matrix | undefined,
  signal?: AbortSignal,
  head = 0,
): Promise<Matrix | undefined> {
  if (run.stack.replacedMasks.has(site.name)) {
    return replacedMask(run, site, batch, head, signal);
  }
  const taps = run.stack.taps.filter((tap) => tap.attention === site.name && tap.role === 'mask');
  if (taps.length === 0) {
    return site.fused && hiddenMask(run, site, batch, signal);
  }
  const size = like ?? (await sizeOfHead(run, site, batch, signal));
  await run.fetch(
    taps.map(({ output }) => output),
    signal,
  );
  return size && readMask(site, taps, run.all(), batch, 0, size.rows, size.columns);
}

/** Marks by run, and in it by mask and text: attentions often share a mask. */
const marksOf = new WeakMap<StackRun, Map<string, Uint8Array<ArrayBuffer>>>();

/**
 * Marks with 1 the cells `[query, key]` that the mask removes; read-only. `like` has the size of the attention. For the mean,
 * cells that are removed in every head.
 */
export async function maskedCells(
  run: StackRun,
  site: AttentionSite,
  batch: number,
  like: Matrix,
  signal?: AbortSignal,
  head: number | 'mean' = 0,
): Promise<Uint8Array<ArrayBuffer>> {
  if (run.stack.replacedMasks.has(site.name)) {
    return replacedCells(run, site, batch, head, signal);
  }
  const tensors = maskSteps(site).map(({ tensor }) => tensor);
  const key = `${site.fused ? site.name : tensors.join()} ${batch} ${like.rows}×${like.columns}`;
  const known = marksOf.get(run) ?? new Map<string, Uint8Array<ArrayBuffer>>();
  marksOf.set(run, known);
  const marks = known.get(key);
  if (marks) {
    return marks;
  }
  const mask = await totalMask(run, site, batch, like, signal);
  const found = mask
    ? Uint8Array.from(mask.data, (value) => Number(removesKey(value)))
    : new Uint8Array(like.data.length);
  known.set(key, found);
  return found;
}

async function sizeOfHead(
  run: StackRun,
  site: AttentionSite,
  batch: number,
  signal: AbortSignal | undefined,
): Promise<Matrix | undefined> {
  const weights = await run.capture(site.name, 'weights', signal);
  return weights && headMatrix(weights, site, batch, 0);
}

async function hiddenMask(
  run: StackRun,
  site: AttentionSite,
  batch: number,
  signal: AbortSignal | undefined,
): Promise<Matrix | undefined> {
  const taps = ['scaled', 'masked']
    .map((role) => run.stack.taps.find((tap) => tap.attention === site.name && tap.role === role))
    .filter((tap): tap is Tap => tap !== undefined);
  if (taps.length < 2) {
    return undefined;
  }
  await run.fetch(
    taps.map(({ output }) => output),
    signal,
  );
  const [before, after] = taps.map((tap) => headMatrix({ tap, tensor: run.get(tap.output) }, site, batch, 0));
  const { rows, columns } = after;
  const data = Float32Array.from(after.data, (value, i) => {
    const added = value - before.data[i];
    // What is left of a subtraction is rounding, unless a key was removed.
    return removesKey(added) ? added : 0;
  });
  return data.some(removesKey) ? { rows, columns, data } : undefined;
}

/** Scores are far from this, whatever the position bias. */
const REPLACED = -5000;

/** 0 and −∞: what an experiment left of the model's mask and put in its place, seen in the scores. */
async function replacedMask(
  run: StackRun,
  site: AttentionSite,
  batch: number,
  head: number,
  signal: AbortSignal | undefined,
): Promise<Matrix | undefined> {
  // One run for all attentions: whoever asks about one will ask about the next.
  const outputs = run.stack
    .tapsOf('scaled', 'masked')
    .filter(({ attention }) => run.stack.replacedMasks.has(attention));
  await run.fetch(
    outputs.map(({ output }) => output),
    signal,
  );
  const before = await run.capture(site.name, 'scaled', signal);
  const after = await run.capture(site.name, 'masked', signal);
  if (!before || !after) {
    return undefined;
  }
  const scaled = headMatrix(before, site, batch, head);
  const { rows, columns, data } = headMatrix(after, site, batch, head);
  const mask = data.map((value, i) => (value - scaled.data[i] < REPLACED ? -Infinity : 0));
  return { rows, columns, data: mask };
}

async function replacedCells(
  run: StackRun,
  site: AttentionSite,
  batch: number,
  head: number | 'mean',
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const heads = head === 'mean' ? Array.from({ length: site.heads }, (_, i) => i) : [head];
  let marks: Uint8Array<ArrayBuffer> | undefined;
  for (const each of heads) {
    const mask = await replacedMask(run, site, batch, each, signal);
    const removed = Uint8Array.from(mask?.data ?? [], (value) => Number(value === -Infinity));
    marks = marks ? marks.map((mark, i) => mark & removed[i]) : removed;
  }
  return marks ?? new Uint8Array(0);
}
