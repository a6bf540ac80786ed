// Recomputes the stages of a fused attention by nodes beside it, from the same inputs; the operator itself stays as it is.
import type { AttentionSite } from '../anatomy/anatomy';
import { fusedInputs, fusedTensor, type FusedInput, type FusedInputs } from '../anatomy/fusedInputs';
import type { GraphFacts } from '../anatomy/graphFacts';
import { int } from '../onnx/graphBuilder';
import { ElementType, type OnnxNode } from '../onnx/model';
import { addFusedMask } from './fusedMask';
import { NodeWriter } from './nodeWriter';
import { rotate } from './rotate';

/** Nodes and constants that make the tensors a fused {@link AttentionSite} names; undefined for other sites. */
export function fusedStages(facts: GraphFacts, site: AttentionSite): NodeWriter | undefined {
  const fused = site.fused && facts.model.graph.nodes[site.fused.nodeIndex];
  const inputs = fused && fusedInputs(facts, fused);
  if (!fused || typeof inputs !== 'object') {
    return undefined;
  }
  const writer = new NodeWriter(fusedTensor(fused.outputs[0], 'stages'), floatTypeOf(facts, fused));
  addStages(facts, writer, site, fused, inputs);
  return writer;
}

/** The type of the operator's result: that of its floating-point inputs. */
function floatTypeOf(facts: GraphFacts, node: OnnxNode): number {
  const inputs = [node.outputs[0], ...node.inputs].map((name) => facts.elementType(name));
  const floats: readonly number[] = [ElementType.float32, ElementType.float16, ElementType.float64];
  return inputs.find((type) => type !== undefined && floats.includes(type)) ?? ElementType.float32;
}

function addStages(
  facts: GraphFacts,
  writer: NodeWriter,
  site: AttentionSite,
  node: OnnxNode,
  inputs: FusedInputs,
): void {
  const { heads, keyValueHeads } = inputs;
  const name = (stage: string): string => fusedTensor(node.outputs[0], stage);
  const projected = inputs.projection ? project(writer, inputs) : undefined;
  const take = (input: FusedInput, count: number): string =>
    splitHeads(writer, projected ?? input.tensor, input, count);
  let query = take(inputs.query, heads);
  let key = inputs.presentKey ?? take(inputs.key, keyValueHeads);
  let value = inputs.presentValue ?? take(inputs.value, keyValueHeads);
  if (inputs.rotary) {
    query = rotate(writer, query, inputs, inputs.rotary);
    key = inputs.presentKey === undefined ? rotate(writer, key, inputs, inputs.rotary) : key;
  }
  if (inputs.presentKey === undefined) {
    key = withPast(writer, inputs, inputs.pastKey, 0, key);
  }
  if (inputs.presentValue === undefined) {
    value = withPast(writer, inputs, inputs.pastValue, 1, value);
  }
  writer.node('Identity', [query], {}, name('query'));
  writer.node('Identity', [key], {}, name('key'));
  writer.node('Identity', [value], {}, name('value'));
  const scores = dotProduct(writer, name('query'), name('key'), heads, keyValueHeads, name('scores'));
  const scale = site.scale ? writer.number(site.scale.value) : runTimeScale(writer, name('query'));
  const scaled = writer.node(
    'Mul',
    [scores, scale],
    {},
    site.softcap === undefined ? name('scaled') : undefined,
  );
  if (site.softcap !== undefined) {
    const cap = writer.number(site.softcap);
    const bent = writer.node('Tanh', [writer.node('Div', [scaled, cap])]);
    writer.node('Mul', [bent, cap], {}, name('scaled'));
  }
  let masked = name('scaled');
  if (site.bias) {
    masked = writer.node('Add', [masked, site.bias.tensor]);
  }
  if (site.mask) {
    addFusedMask(facts, writer, inputs, name('scaled'), site.bias?.tensor, name('mask'));
    masked = writer.node('Add', [masked, name('mask')]);
  }
  writer.node('Identity', [masked], {}, name('masked'));
  addWeights(writer, inputs, name('scaled'), name('masked'), name('weights'));
}

/** `input · weight + bias`, dequantised first where needed: `[batch, rows, all columns]`. */
function project(writer: NodeWriter, { projection, quantised }: FusedInputs): string | undefined {
  if (!projection) {
    return undefined;
  }
  const plain = (tensor: string, scale: string | undefined, zero: string | undefined): string =>
    scale === undefined ? tensor : dequantise(writer, tensor, scale, zero);
  const input = plain(projection.input, quantised?.scale, quantised?.zeroPoint);
  const weight = plain(projection.weight, quantised?.weightScale, quantised?.weightZeroPoint);
  const product = writer.node('MatMul', [input, weight]);
  return projection.bias === undefined ? product : writer.node('Add', [product, projection.bias]);
}

/** (x − zero) · scale in floats, which broadcasts scales of one element and of one per column alike. */
function dequantise(writer: NodeWriter, tensor: string, scale: string, zero: string | undefined): string {
  const numbers = writer.float(tensor);
  const shifted = zero === undefined ? numbers : writer.node('Sub', [numbers, writer.float(zero)]);
  return writer.node('Mul', [shifted, scale]);
}

/** The part of an input as `[batch, heads, rows, d]`. */
function splitHeads(writer: NodeWriter, tensor: string, { lies, bias }: FusedInput, heads: number): string {
  switch (lies.form) {
    case 'heads':
      return tensor;
    case 'columns':
      return splitRows(writer, writer.slice(tensor, 2, lies.from, lies.from + lies.width), heads);
    case 'flat':
      return splitRows(writer, withBias(writer, tensor, bias), heads);
    default:
      return lies satisfies never;
  }
}

function withBias(writer: NodeWriter, tensor: string, bias: FusedInput['bias']): string {
  return bias
    ? writer.node('Add', [tensor, writer.slice(bias.tensor, 0, bias.from, bias.from + bias.width)])
    : tensor;
}

function splitRows(writer: NodeWriter, tensor: string, heads: number): string {
  return writer.transpose(writer.reshape(tensor, [0, 0, heads, -1]), [0, 2, 1, 3]);
}

/** Earlier keys or values, then the new ones. */
function withPast(
  writer: NodeWriter,
  { pastKey, pastValue }: FusedInputs,
  past: string | undefined,
  item: number,
  tensor: string,
): string {
  if (past === undefined) {
    return tensor;
  }
  const own =
    pastKey === pastValue ? writer.node('Gather', [past, writer.whole(item)], { axis: int(0) }) : past;
  return writer.node('Concat', [own, tensor], { axis: int(2) });
}

/** q·kᵀ `[batch, heads, query, key]`; groups of query heads share a key head. */
function dotProduct(
  writer: NodeWriter,
  query: string,
  key: string,
  heads: number,
  keyValueHeads: number,
  output: string,
): string {
  if (heads === keyValueHeads) {
    return writer.node('MatMul', [query, writer.transpose(key, [0, 1, 3, 2])], {}, output);
  }
  // Queries of one group become the rows of one product: [batch, keyValueHeads, group·query, d].
  const rows = writer.size(query, 2);
  const joined = writer.reshapeTo(query, [0, keyValueHeads, -1, writer.size(query, 3)]);
  const product = writer.node('MatMul', [joined, writer.transpose(key, [0, 1, 3, 2])]);
  return writer.reshapeTo(product, [0, heads, rows, writer.size(key, 2)], output);
}

/** 1/√d_k where the shapes do not say d_k. */
function runTimeScale(writer: NodeWriter, query: string): string {
  return writer.node('Div', [writer.number(1), writer.node('Sqrt', [writer.float(writer.size(query, 3))])]);
}

/** The softmax, with a column for the sink where the operator has one. */
function addWeights(
  writer: NodeWriter,
  { sink, heads }: FusedInputs,
  scaled: string,
  masked: string,
  output: string,
): void {
  const softmax = { axis: int(3) };
  if (sink === undefined) {
    writer.node('Softmax', [masked], softmax, output);
    return;
  }
  // A column of the sink's level, as long as the scores are.
  const rows = writer.node('Slice', [scaled, writer.ints([0]), writer.ints([1]), writer.ints([3])]);
  const zeros = writer.node('Sub', [rows, rows]);
  const level = sink === 'zero' ? writer.number(0) : writer.reshape(sink, [1, heads, 1, 1]);
  const wide = writer.node('Concat', [masked, writer.node('Add', [zeros, level])], { axis: int(3) });
  const weights = writer.node('Softmax', [wide], softmax);
  writer.node('Slice', [weights, writer.ints([0]), writer.ints([-1]), writer.ints([3])], {}, output);
}
