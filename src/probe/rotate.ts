// Rotates queries or keys as GroupQueryAttention does inside, by nodes: cosines and sines looked up by position.
import type { FusedInputs } from '../anatomy/fusedInputs';
import { int } from '../onnx/graphBuilder';
import { ElementType } from '../onnx/model';
import { firstPositions, range } from './fusedMask';
import type { NodeWriter } from './nodeWriter';

/**
 * Turns `[batch, heads, rows, d]` by the angles whose cosines and sines are `[positions, r/2]` (Su et al. 2021): pairs
 * are neighbours when interleaved, else element i and i + r/2. Elements beyond r are left as they are.
 */
export function rotate(
  writer: NodeWriter,
  tensor: string,
  inputs: FusedInputs,
  rotary: NonNullable<FusedInputs['rotary']>,
): string {
  const positions = rotary.positions ?? positionsOf(writer, tensor, inputs);
  const wave = (cache: string): string => {
    const rows = writer.node('Gather', [cache, writer.cast(positions, ElementType.int64)], { axis: int(0) });
    // [batch, rows, r/2] → [batch, 1, rows, r/2]
    return writer.transpose(writer.node('Reshape', [rows, wideShape(writer, rows)]), [0, 2, 1, 3]);
  };
  const [cosine, sine] = [wave(rotary.cosines), wave(rotary.sines)];
  const half = writer.size(cosine, 3);
  const whole = writer.node('Add', [half, half]);
  const sliceTo = (from: string, to: string, step: number): string =>
    writer.node('Slice', [
      tensor,
      writer.reshape(from, [1]),
      writer.reshape(to, [1]),
      writer.ints([3]),
      writer.ints([step]),
    ]);
  const [first, second] = rotary.interleaved
    ? [sliceTo(writer.whole(0), whole, 2), sliceTo(writer.whole(1), whole, 2)]
    : [sliceTo(writer.whole(0), half, 1), sliceTo(half, whole, 1)];
  const times = (a: string, b: string): string => writer.node('Mul', [a, b]);
  const turned = [
    writer.node('Sub', [times(first, cosine), times(second, sine)]),
    writer.node('Add', [times(second, cosine), times(first, sine)]),
  ];
  const rest = sliceTo(whole, writer.whole(Number.MAX_SAFE_INTEGER), 1);
  const joined = rotary.interleaved
    ? interleave(writer, turned, tensor, whole)
    : writer.node('Concat', turned, { axis: int(3) });
  return writer.node('Concat', [joined, rest], { axis: int(3) });
}

/** Positions `[batch, rows]` that follow from the lengths of the texts. */
function positionsOf(writer: NodeWriter, tensor: string, { lengths }: FusedInputs): string {
  const rows = writer.size(tensor, 2);
  const steps = writer.reshape(range(writer, rows), [1, -1]);
  return lengths === undefined
    ? steps
    : writer.node('Add', [writer.reshape(firstPositions(writer, lengths, rows), [-1, 1]), steps]);
}

/** `[batch, rows, w]` → `[batch, rows, 1, w]` as a shape. */
function wideShape(writer: NodeWriter, tensor: string): string {
  const shape = writer.node('Shape', [tensor]);
  const parts = [writer.slice(shape, 0, 0, 2), writer.ints([1]), writer.slice(shape, 0, 2, 3)];
  return writer.node('Concat', parts, { axis: int(0) });
}

/** Puts two halves `[batch, heads, rows, r/2]` back as neighbours. */
function interleave(writer: NodeWriter, halves: readonly string[], like: string, width: string): string {
  const columns = halves.map((half) => {
    const shape = writer.node('Concat', [writer.node('Shape', [half]), writer.ints([1])], { axis: int(0) });
    return writer.node('Reshape', [half, shape]);
  });
  const pairs = writer.node('Concat', columns, { axis: int(4) });
  const shape = writer.node(
    'Concat',
    [writer.slice(writer.node('Shape', [like]), 0, 0, 3), writer.reshape(width, [1])],
    { axis: int(0) },
  );
  return writer.node('Reshape', [pairs, shape]);
}
