// Converts a graph of the standard operator sets 11 to 17 to set 18, so that every operator has one form only. Sets from 18 on stay as they are: what is used here did not change since.
import { intAttribute, intsAttribute } from '../anatomy/symbolic/attributes';
import { int, intTensor, node, tensor } from '../onnx/graphBuilder';
import type { Attributes, AttributeValue, OnnxGraph, OnnxModel, OnnxNode } from '../onnx/model';
import { UserError } from '../shared/errors';
import { operatorOf } from './operatorRule';
import { unsupportedNode } from './unsupported';

/** The operator set that rules are written for: reductions take their axes as an input, ScatterElements can add. */
export const CANONICAL_OPSET = 18;
const OLDEST_OPSET = 11;

/** Version of the standard operator set that a model imports. */
export function opsetOf({ opsets }: OnnxModel): number {
  return opsets[''] ?? opsets['ai.onnx'] ?? 1;
}

/**
 * The model with a graph in operator set 18 or later that computes the same; itself when there is nothing to convert. Only `graph` and
 * `opsets` are changed: `bytes` are still those of the file, so that weights stay views on it; write it with `editModel`.
 *
 * @throws UserError `modelUnsupported` for sets before 11 and for nodes that have no counterpart, by name.
 */
export function canonicalOpset(model: OnnxModel): OnnxModel {
  const from = opsetOf(model);
  const others = Object.fromEntries(Object.entries(model.opsets).filter(([domain]) => domain !== 'ai.onnx'));
  if (from >= CANONICAL_OPSET) {
    return 'ai.onnx' in model.opsets ? { ...model, opsets: { ...others, '': from } } : model;
  }
  if (from < OLDEST_OPSET) {
    throw new UserError(
      'modelUnsupported',
      `The model uses version ${from} of the ONNX operators, whose gradients cannot be computed. Export it again with opset 17.`,
      { opset: from },
    );
  }
  const graph = convertGraph(model.graph, from, { count: 0 });
  return { ...model, graph, opsets: { ...others, '': CANONICAL_OPSET } };
}

interface Names {
  count: number;
}

function convertGraph(graph: OnnxGraph, from: number, names: Names): OnnxGraph {
  const nodes = graph.nodes.flatMap((each) => convertNode(withBranches(each, from, names), from, names));
  return { ...graph, nodes };
}

/** Branches of control flow are converted, too. */
function withBranches(each: OnnxNode, from: number, names: Names): OnnxNode {
  const entries = Object.entries(each.attributes);
  if (!entries.some(([, value]) => value.type === 'graph')) {
    return each;
  }
  const converted = entries.map(([key, value]): [string, AttributeValue] => [
    key,
    value.type === 'graph' ? { type: 'graph', value: convertGraph(value.value, from, names) } : value,
  ]);
  return { ...each, attributes: Object.fromEntries(converted) };
}

/** What takes the place of a node, given the operator set it was written for. */
type Conversion = (node: OnnxNode, from: number, names: Names) => readonly OnnxNode[];

/** An attribute of whole numbers becomes input number `at`. */
function attributeToInput(attribute: string, at: number, since: number): Conversion {
  return (each, from, names) => {
    const values = intsAttribute(each, attribute);
    if (from >= since || values === undefined) {
      return [each];
    }
    const name = `${each.outputs[0]}/${attribute}.${names.count++}`;
    const inputs = Array.from({ length: at + 1 }, (_, i) => (i === at ? name : (each.inputs[i] ?? '')));
    return [wholeNumbers(name, values), { ...each, inputs, attributes: without(each.attributes, attribute) }];
  };
}

function wholeNumbers(name: string, values: readonly number[]): OnnxNode {
  return node('Constant', [], [name], { value: tensor(intTensor('', [values.length], values)) });
}

function without(attributes: Attributes, name: string): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => key !== name));
}

/** Before set 13, softmax was taken over all axes from `axis` (1 if not stated) on, as if they were one. */
const flattenedSoftmax: Conversion = (each, from, names) => {
  const axis = intAttribute(each, 'axis') ?? 1;
  if (from >= 13 || axis === -1) {
    return [each];
  }
  const [x] = each.inputs;
  const [y] = each.outputs;
  const id = `${y}/flat.${names.count++}`;
  return [
    node('Shape', [x], [`${id}/shape`]),
    node('Flatten', [x], [`${id}/rows`], { axis: int(axis) }),
    { ...each, inputs: [`${id}/rows`], outputs: [`${id}/result`], attributes: { axis: int(-1) } },
    node('Reshape', [`${id}/result`, `${id}/shape`], [y], { allowzero: int(1) }),
  ];
};

/** Sizes as an input since 13; since 18 an even split says into how many parts. */
const split: Conversion = (each, from, names) => {
  const [sized, ...more] = [...attributeToInput('split', 1, 13)(each, from, names)].reverse();
  const hasSizes = Boolean(sized.inputs[1]);
  const attributes = hasSizes
    ? sized.attributes
    : { ...sized.attributes, num_outputs: int(sized.outputs.length) };
  return [...more, { ...sized, attributes }];
};

/** Before set 12 the ratio was an attribute; it matters in training mode only, which an exported graph did not have. */
const dropout: Conversion = (each, from) => [
  from >= 12 ? each : { ...each, attributes: without(each.attributes, 'ratio') },
];

const refused: Conversion = (each, from) => {
  throw unsupportedNode(each, `Its form in operator set ${from} has no counterpart in later sets.`);
};

const reduceAxes = attributeToInput('axes', 1, 18);

const CONVERSIONS: Readonly<Record<string, Conversion>> = {
  ReduceSum: attributeToInput('axes', 1, 13),
  ReduceMean: reduceAxes,
  ReduceMax: reduceAxes,
  ReduceMin: reduceAxes,
  ReduceProd: reduceAxes,
  ReduceL1: reduceAxes,
  ReduceL2: reduceAxes,
  ReduceLogSum: reduceAxes,
  ReduceLogSumExp: reduceAxes,
  ReduceSumSquare: reduceAxes,
  Squeeze: attributeToInput('axes', 1, 13),
  Unsqueeze: attributeToInput('axes', 1, 13),
  Split: split,
  Softmax: flattenedSoftmax,
  LogSoftmax: flattenedSoftmax,
  Hardmax: flattenedSoftmax,
  Dropout: dropout,
  Upsample: refused,
  Scatter: refused,
  RoiAlign: refused,
};

function convertNode(each: OnnxNode, from: number, names: Names): readonly OnnxNode[] {
  const conversion = CONVERSIONS[operatorOf(each)];
  return conversion ? conversion(each, from, names) : [each];
}
