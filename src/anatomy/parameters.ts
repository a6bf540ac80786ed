// Counts the parameters of a graph: the elements of its floating-point weights, a matrix that is stored twice once.
import { ElementType, type Initializer } from '../onnx/model';
import { sizeOf } from '../shared/tensor';
import type { Anatomy } from './anatomy';

/** Element types that weights have and that can be read as float32. */
export const FLOATS: ReadonlySet<number> = new Set([
  ElementType.float32,
  ElementType.float16,
  ElementType.bfloat16,
  ElementType.float64,
]);

export function countParameters(
  initializers: readonly Initializer[],
  embedding: Anatomy['embedding'],
  output: Anatomy['output'],
): number {
  const stored = initializers
    .filter((weight) => FLOATS.has(weight.elementType))
    .reduce((sum, weight) => sum + sizeOf(weight.dims), 0);
  // A tied output matrix may be stored again, transposed.
  const isCopied = embedding && output?.tied && output.tensor !== embedding.tensor;
  return isCopied ? stored - embedding.vocabulary * embedding.width : stored;
}
