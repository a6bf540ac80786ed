// Fused layers of the runtime (onnxruntime's ContribOperators) as the plain operators they stand for; attention is in expandFused.ts.
import type { GraphFacts } from '../anatomy/graphFacts';
import { floatAttribute, intAttribute } from '../anatomy/symbolic/attributes';
import { float, int } from '../onnx/graphBuilder';
import type { OnnxNode } from '../onnx/model';
import type { NodeWriter } from '../probe/nodeWriter';
import { unsupportedNode } from './unsupported';

/** Writes the nodes that take the place of a fused one, under the names of its results. */
export type Expansion = (node: OnnxNode, writer: NodeWriter, facts: GraphFacts) => void;

const MICROSOFT = 'com.microsoft';

/** x + bias, then the activation. */
function biased(activation: string): Expansion {
  return ({ inputs: [x, bias], outputs: [y] }, writer) => {
    const sum = bias ? writer.node('Add', [x, bias]) : x;
    writer.node(activation, [sum], {}, y, MICROSOFT);
  };
}

/** x + skip (+ bias), then the norm; the fourth result is the sum. */
function skipped(norm: string, bias: (node: OnnxNode) => string | undefined): Expansion {
  return (node, writer) => {
    const [x, skip] = node.inputs;
    const [y, mean, inverse, sum] = node.outputs;
    if (mean || inverse) {
      throw unsupportedNode(node, 'Its statistics are results, too.');
    }
    const offset = bias(node);
    const plain = writer.node('Add', [x, skip], {}, offset ? undefined : sum || undefined);
    const added = offset ? writer.node('Add', [plain, offset], {}, sum || undefined) : plain;
    const weights = norm === 'LayerNormalization' ? node.inputs.slice(2, 4) : node.inputs.slice(2, 3);
    const epsilon = float(floatAttribute(node, 'epsilon') ?? 1e-12);
    writer.node(norm, [added, ...weights.filter((name) => name !== '')], { axis: int(-1), epsilon }, y);
  };
}

/** Words, positions and segments are looked up and added, then normalised. */
const embed: Expansion = (node, writer, facts) => {
  const [ids, segmentIds, words, positions, segments, gain, bias, , positionIds] = node.inputs;
  const [y, mask, sum] = node.outputs;
  if (mask && facts.consumers(mask).length > 0) {
    throw unsupportedNode(node, 'Its lengths of texts are read.');
  }
  const rowsOf = (table: string, at: string): string => writer.node('Gather', [table, at], { axis: int(0) });
  const steps = (): string => writer.node('Range', [writer.whole(0), writer.size(ids, 1), writer.whole(1)]);
  const places = rowsOf(positions, positionIds || steps());
  const withPlaces = writer.node('Add', [rowsOf(words, ids), places]);
  const hasSegments = Boolean(segments && segmentIds);
  const all = hasSegments ? writer.node('Add', [withPlaces, rowsOf(segments, segmentIds)]) : withPlaces;
  const named = sum ? writer.node('Identity', [all], {}, sum) : all;
  const epsilon = float(floatAttribute(node, 'epsilon') ?? 1e-12);
  writer.node('LayerNormalization', [named, gain, bias], { axis: int(-1), epsilon }, y);
};

/** α·A′·B′ with matrices turned where the attributes say so. */
const fusedMatMul: Expansion = (node, writer, facts) => {
  if (intAttribute(node, 'transBatchA') === 1 || intAttribute(node, 'transBatchB') === 1) {
    throw unsupportedNode(node, 'It exchanges batch axes.');
  }
  const turned = (name: string, attribute: string): string => {
    if (intAttribute(node, attribute) !== 1) {
      return name;
    }
    const rank = facts.rank(name);
    if (rank === undefined) {
      throw unsupportedNode(node, `The number of axes of "${name}" does not follow from the file.`);
    }
    const axes = Array.from({ length: rank }, (_, i) => i);
    return writer.transpose(name, [...axes.slice(0, -2), rank - 1, rank - 2]);
  };
  const [a, b] = [turned(node.inputs[0], 'transA'), turned(node.inputs[1], 'transB')];
  const alpha = floatAttribute(node, 'alpha') ?? 1;
  const [y] = node.outputs;
  if (alpha === 1) {
    writer.node('MatMul', [a, b], {}, y);
  } else {
    writer.node('Mul', [writer.node('MatMul', [a, b]), writer.number(alpha)], {}, y);
  }
};

/** Expansions by operator. */
export const FUSED_LAYERS: Readonly<Record<string, Expansion>> = {
  'com.microsoft:BiasGelu': biased('Gelu'),
  'com.microsoft:FastGelu': biased('FastGelu'),
  'com.microsoft:SkipLayerNormalization': skipped(
    'LayerNormalization',
    (node) => node.inputs[4] || undefined,
  ),
  'com.microsoft:SkipSimplifiedLayerNormalization': skipped(
    'SimplifiedLayerNormalization',
    (node) => node.inputs[3] || undefined,
  ),
  'com.microsoft:EmbedLayerNormalization': embed,
  'com.microsoft:FusedMatMul': fusedMatMul,
};
