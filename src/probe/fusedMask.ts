// The mask of a fused attention as one additive tensor: padding, later keys, windows and whatever else it reads.
import { LOWEST, type FusedInputs } from '../anatomy/fusedInputs';
import type { GraphFacts } from '../anatomy/graphFacts';
import { int } from '../onnx/graphBuilder';
import { ElementType } from '../onnx/model';
import type { NodeWriter } from './nodeWriter';

/**
 * Adds nodes that make `output`, the sum of everything that masks, to be added to scores `[batch, heads, query, key]`.
 * `bias` names a score bias that is position information and so not part of the mask.
 */
export function addFusedMask(
  facts: GraphFacts,
  writer: NodeWriter,
  inputs: FusedInputs,
  scores: string,
  bias: string | undefined,
  output: string,
): void {
  const terms: string[] = [];
  if (inputs.padding !== undefined) {
    terms.push(paddingTerm(facts, writer, inputs.padding, inputs.filter, scores));
  }
  if (inputs.scoreBias !== undefined && inputs.scoreBias !== bias) {
    const isBool = facts.elementType(inputs.scoreBias) === ElementType.bool;
    terms.push(isBool ? keepWhere(writer, inputs.scoreBias, LOWEST) : inputs.scoreBias);
  }
  if (inputs.causal !== undefined) {
    terms.push(causalTerm(writer, inputs, scores));
  }
  const sum = terms.reduce((a, b) => writer.node('Add', [a, b]));
  writer.node('Identity', [sum], {}, output);
}

/** 0 where the condition holds, else `removed`. */
function keepWhere(writer: NodeWriter, keeps: string, removed: number): string {
  return writer.node('Where', [keeps, writer.number(0), writer.number(removed)]);
}

/** From lengths `[batch]`, or 0/1 `[batch, keys]`, `[batch, queries, keys]`, `[batch, 1, queries, keys]`. */
function paddingTerm(
  facts: GraphFacts,
  writer: NodeWriter,
  padding: string,
  filter: number,
  scores: string,
): string {
  const whole = writer.cast(padding, ElementType.int64);
  const rank = facts.rank(padding) ?? 2;
  if (rank === 1) {
    // Keys from the text's length on are padding; a second half of the vector holds where texts begin.
    const keys = writer.reshape(range(writer, writer.size(scores, 3)), [1, 1, 1, -1]);
    const texts = writer.size(scores, 0);
    const ends = writer.node('Slice', [
      whole,
      writer.ints([0]),
      writer.reshape(texts, [1]),
      writer.ints([0]),
    ]);
    const inside = writer.node('Less', [keys, writer.reshape(ends, [-1, 1, 1, 1])]);
    return keepWhere(writer, inside, filter);
  }
  const wide =
    rank === 2 ? reshapeWide(writer, whole, 2) : rank === 3 ? reshapeWide(writer, whole, 3) : whole;
  return keepWhere(writer, writer.node('Greater', [wide, writer.whole(0)]), filter);
}

/** `[batch, keys]` → `[batch, 1, 1, keys]`, `[batch, queries, keys]` → `[batch, 1, queries, keys]`. */
function reshapeWide(writer: NodeWriter, tensor: string, rank: 2 | 3): string {
  const shape = writer.node('Shape', [tensor]);
  const one = writer.ints([1]);
  const part = (from: number, to: number): string => writer.slice(shape, 0, from, to);
  const parts = rank === 2 ? [part(0, 1), one, one, part(1, 2)] : [part(0, 1), one, part(1, 3)];
  return writer.node('Reshape', [tensor, writer.node('Concat', parts, { axis: int(0) })]);
}

/** Removes keys after the query, and with a window those too far before it. */
function causalTerm(writer: NodeWriter, inputs: FusedInputs, scores: string): string {
  const [queries, keys] = [writer.size(scores, 2), writer.size(scores, 3)];
  const columns = writer.reshape(range(writer, keys), [1, 1, 1, -1]);
  const rows = writer.reshape(range(writer, queries), [1, 1, -1, 1]);
  const last = writer.node('Add', [
    rows,
    writer.reshape(firstPosition(writer, inputs, queries, keys), [-1, 1, 1, 1]),
  ]);
  const later = writer.node('Greater', [columns, last]);
  const removed =
    inputs.window === undefined
      ? later
      : writer.node('Or', [
          later,
          writer.node('Less', [columns, writer.node('Sub', [last, writer.whole(inputs.window - 1)])]),
        ]);
  return writer.node('Where', [removed, writer.number(LOWEST), writer.number(0)]);
}

/** The key that the first query may see last: one number, or one per text. */
function firstPosition(writer: NodeWriter, inputs: FusedInputs, queries: string, keys: string): string {
  switch (inputs.causal) {
    case 'fromLast':
      return writer.node('Sub', [keys, queries]);
    case 'byLengths':
      return inputs.lengths === undefined
        ? writer.node('Sub', [keys, queries])
        : firstPositions(writer, inputs.lengths, queries);
    case 'fromPast':
      return inputs.pastKey === undefined ? writer.whole(0) : writer.size(inputs.pastKey, 2);
    case undefined:
      return writer.whole(0);
    default:
      return inputs.causal satisfies never;
  }
}

/**
 * Position of the first query of each text: its number of keys less the number of queries; 0 in the first pass, where
 * shorter texts are padded behind. `lengths` are keys − 1.
 */
export function firstPositions(writer: NodeWriter, lengths: string, queries: string): string {
  const keys = writer.node('Add', [writer.cast(lengths, ElementType.int64), writer.whole(1)]);
  const first = writer.node('Sub', [keys, queries]);
  const isNegative = writer.node('Less', [first, writer.whole(0)]);
  return writer.node('Where', [isNegative, writer.whole(0), first]);
}

/** 0, 1, … below a size. */
export function range(writer: NodeWriter, size: string): string {
  return writer.node('Range', [writer.whole(0), size, writer.whole(1)]);
}
