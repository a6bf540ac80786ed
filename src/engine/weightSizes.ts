// Recognises weights that several files of a model share, so that they are counted once. Keeps numbers only, no weights.
import { ElementType } from '../onnx/model';
import type { OnnxModel } from '../onnx/model';
import { sizeOf } from '../shared/tensor';

/** Number of elements of each floating-point weight by a key that equal weights share. */
export type WeightSizes = ReadonlyMap<string, number>;

const floats: ReadonlySet<number> = new Set([
  ElementType.float32,
  ElementType.float16,
  ElementType.bfloat16,
  ElementType.float64,
]);

/** The floating-point weights of a graph; equal ones once. */
export function weightSizes({ graph }: OnnxModel): WeightSizes {
  const sizes = new Map<string, number>();
  for (const { name, elementType, dims, raw } of graph.initializers) {
    // Scalars are constants of the arithmetic, not weights.
    if (floats.has(elementType) && dims.length > 0) {
      const content = raw ? hash(raw).toString(36) : name;
      sizes.set(`${elementType} ${dims.join('×')} ${content}`, sizeOf(dims));
    }
  }
  return sizes;
}

/** Weights of all graphs of a model, shared ones once. */
export function countWeights(all: readonly WeightSizes[]): number {
  const union = new Map(all.flatMap((sizes) => [...sizes]));
  return [...union.values()].reduce((sum, size) => sum + size, 0);
}

/** FNV-1a over 32-bit words in two lanes, joined to 53 bits. Bytes are not aligned alike in different files. */
function hash(bytes: Uint8Array<ArrayBuffer>): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = bytes.length - (bytes.length % 4);
  let low = 0x811c9dc5;
  let high = 0x2545f491;
  for (let i = 0; i < words; i += 4) {
    const word = view.getUint32(i, true);
    low = Math.imul(low ^ word, 0x01000193);
    high = Math.imul(high ^ word, 0x85ebca6b) ^ (high >>> 13);
  }
  for (let i = words; i < bytes.length; i++) {
    low = Math.imul(low ^ bytes[i], 0x01000193);
  }
  return (low >>> 0) + (high >>> 11) * 2 ** 32;
}
