// Which initializers of a graph are learned: weights of products, look-up tables, biases and gains; not scalars, masks, sinusoids.
import type { Anatomy } from '../anatomy/anatomy';
import type { Use } from '../onnx/graphIndex';
import { GraphIndex } from '../onnx/graphIndex';
import type { Initializer, OnnxModel } from '../onnx/model';
import { ElementType } from '../onnx/model';
import { sizeOf } from '../shared/tensor';

const PRODUCTS = new Set(['MatMul', 'Gemm', 'FusedMatMul', 'Einsum']);
const SUMS = new Set(['Add', 'Mul', 'Sub', 'BiasGelu', 'FastGelu']);
const NORMS = /Normalization$/;
/** Through these a weight is still the same weight. */
const SAME = new Set(['Identity', 'Cast', 'Transpose', 'Reshape', 'Squeeze', 'Unsqueeze']);
const MAX_STEPS = 4;

/** Names of float32 initializers in the order of the file. */
export function trainableWeights({ graph }: OnnxModel, anatomy: Anatomy): string[] {
  const index = new GraphIndex(graph);
  const tables = learnedTables(anatomy);
  return graph.initializers
    .filter(({ elementType, dims }) => elementType === ElementType.float32 && sizeOf(dims) > 1)
    .filter((weight) => isLearned(index, weight, weight.name, tables, 0))
    .map(({ name }) => name);
}

/** Look-ups besides these are tables of sines or rotations where the positions are computed from such; else learned. */
function learnedTables({
  positions,
  embedding,
  structure,
}: Anatomy): (table: string, rows: number) => boolean {
  const isFixed = ['sinusoidal', 'rotary', 'alibi'].includes(positions.kind);
  return (table, rows) =>
    !isFixed ||
    table === embedding?.tensor ||
    (table !== positions.tensor && structure.embedding?.tokenTypes !== undefined && rows <= 16);
}

function isLearned(
  index: GraphIndex,
  weight: Initializer,
  tensor: string,
  tables: (table: string, rows: number) => boolean,
  steps: number,
): boolean {
  const isVector = weight.dims.slice(0, -1).every((dim) => dim === 1);
  return index.consumers(tensor).some(({ node, input }: Use) => {
    if (SAME.has(node.opType) && input === 0 && steps < MAX_STEPS) {
      return isLearned(index, weight, node.outputs[0], tables, steps + 1);
    }
    if (PRODUCTS.has(node.opType)) {
      return weight.dims.length === 2 || (node.opType === 'Gemm' && input === 2 && isVector);
    }
    if (NORMS.test(node.opType)) {
      return input > 0;
    }
    if (node.opType === 'Gather') {
      return input === 0 && weight.dims.length === 2 && tables(weight.name, weight.dims[0]);
    }
    return SUMS.has(node.opType) && isVector;
  });
}
