// Appends the cross-entropy of logits and labels to a graph, with a gradient that makes no more passes over the vocabulary than it must.
import { GraphFacts } from '../anatomy/graphFacts';
import { GraphIndex } from '../onnx/graphIndex';
import { add } from '../onnx/graphEdits';
import { floatTensor, int, intTensor, node, text, value } from '../onnx/graphBuilder';
import { ElementType, type Initializer, type OnnxModel, type OnnxNode } from '../onnx/model';
import { UserError } from '../shared/errors';
import { canonicalOpset } from './canonicalOpset';
import type { GradientGraph } from './gradientGraph';
import type { Shortcut } from './reverseWalk';

/** Names of what {@link appendCrossEntropy} adds. */
export const CROSS_ENTROPY = {
  /** Input, int64, the logits' shape without the vocabulary: the right token of every position. Where the weight is 0 any number will do. */
  labels: 'labels',
  /** Input, float32, as labels: what each position counts; 0 leaves it out. */
  weights: 'label_weights',
  /** Input, float32 without axes: the share ε of the target that is spread over the whole vocabulary. */
  smoothing: 'label_smoothing',
  /** Input, float32 without axes: what the weighted sum is divided by. */
  divisor: 'loss_divisor',
  /** Result without axes. */
  loss: 'loss',
  /** Result of the labels' shape: every position's loss before weighting. */
  positionLoss: 'position_loss',
} as const;

/** A graph with a loss. */
export interface WithLoss {
  /** In the canonical operator set; `loss` is its first output, before those it had. Write it with `editModel` before it is run. */
  readonly model: OnnxModel;
  /** For `buildGradient`: without it the gradient is the same and slower. */
  readonly shortcut: Shortcut;
}

/**
 * Appends `loss` = Σ wᵢ·ℓᵢ ÷ divisor with ℓ = −Σ q·log p, p = softmax of the logits and q = (1 − ε)·[label] + ε/V (Szegedy et al.
 * 2016, section 7; `torch.nn.CrossEntropyLoss(label_smoothing)`). With the number of counted tokens of a whole batch as divisor,
 * gradients of its parts add up to the batch's.
 *
 * @param logits Tensor `[…, vocabulary]` of float32: `[batch, length, vocabulary]`, or `[batch, classes]`.
 * @throws UserError `badRequest` when there is no such tensor or one of the names in {@link CROSS_ENTROPY} is taken;
 * `modelUnsupported` as `canonicalOpset`.
 */
export function appendCrossEntropy(model: OnnxModel, logits: string): WithLoss {
  const canonical = canonicalOpset(model);
  const index = new GraphIndex(canonical.graph);
  if (!index.has(logits)) {
    throw new UserError('badRequest', `The graph has no tensor named "${logits}".`);
  }
  const taken = Object.values(CROSS_ENTROPY).filter((name) => index.has(name));
  if (taken.length > 0) {
    const message = `The graph has a tensor named "${taken.join('", "')}" already; rename it to append a loss.`;
    throw new UserError('badRequest', message);
  }
  const { labels, weights, smoothing, divisor, loss, positionLoss } = CROSS_ENTROPY;
  const axes = (index.value(logits)?.dims ?? inferredAxes(canonical, logits))?.slice(0, -1);
  const appended = add({
    nodes: lossNodes(logits),
    initializers: CONSTANTS,
    inputs: [
      value(labels, ElementType.int64, axes),
      value(weights, ElementType.float32, axes),
      value(smoothing, ElementType.float32, []),
      value(divisor, ElementType.float32, []),
    ],
  })(canonical.graph);
  const outputs = [value(loss, ElementType.float32, []), ...appended.outputs];
  const shortcut: Shortcut = {
    output: positionLoss,
    input: logits,
    backward: (graph, gradient) => logitsGradient(graph, gradient, logits),
  };
  return { model: { ...canonical, graph: { ...appended, outputs } }, shortcut };
}

const own = (name: string): string => `cross_entropy/${name}`;
const PROBABILITIES = own('probabilities');
const PLACES = own('places');
const LAST = own('last_axis');

const CONSTANTS: readonly Initializer[] = [
  intTensor(LAST, [1], [-1]),
  intTensor(own('no_label'), [], [0]),
  floatTensor(own('zero'), [], [0]),
  floatTensor(own('one'), [], [1]),
];

/**
 * log Σ eᶻ is taken as max z − log max p: two passes that only read, and no second tensor of the logits' size beside p, which
 * the gradient needs anyway.
 */
function lossNodes(logits: string): readonly OnnxNode[] {
  const { labels, weights, smoothing, divisor, loss, positionLoss } = CROSS_ENTROPY;
  const nodes: OnnxNode[] = [];
  const write = (opType: string, inputs: readonly string[], output: string, axis?: number): string => {
    nodes.push(
      node(opType, inputs, [output], axis === undefined ? {} : { axis: int(axis) }, {
        name: `${output}/node`,
      }),
    );
    return output;
  };
  const [zero, one] = [own('zero'), own('one')];
  const left = write('Equal', [weights, zero], own('left_out'));
  const label = write('Where', [left, own('no_label'), labels], own('label'));
  write('Unsqueeze', [label, LAST], PLACES);
  write('Softmax', [logits], PROBABILITIES, -1);
  const highest = write('ReduceMax', [logits, LAST], own('highest'));
  const likeliest = write(
    'Log',
    [write('ReduceMax', [PROBABILITIES, LAST], own('likeliest'))],
    own('log_likeliest'),
  );
  const total = write('Sub', [highest, likeliest], own('log_sum'));
  const target = write('GatherElements', [logits, PLACES], own('target'), -1);
  const sharp = write('Sub', [total, target], own('sharp'));
  const share = write('Sub', [one, smoothing], own('share'));
  const sharpPart = write('Mul', [sharp, share], own('sharp_part'));
  const even = write('Sub', [total, write('ReduceMean', [logits, LAST], own('mean'))], own('even'));
  // A logit of −∞ makes the mean infinite, which must not count when nothing is smoothed.
  const isSharp = write('Equal', [smoothing, zero], own('is_sharp'));
  const evenPart = write(
    'Where',
    [isSharp, zero, write('Mul', [even, smoothing], own('spread'))],
    own('even_part'),
  );
  write('Squeeze', [write('Add', [sharpPart, evenPart], own('both')), LAST], positionLoss);
  const weighted = write('Mul', [positionLoss, weights], own('weighted'));
  const counted = write('Where', [left, zero, weighted], own('counted'));
  nodes.push(node('ReduceSum', [counted], [own('sum')], { keepdims: int(0) }, { name: own('sum/node') }));
  write('Div', [own('sum'), divisor], loss);
  return nodes;
}

/** dz = g·(p − (1 − ε)·[label] − ε/V): one product, one difference, and the label's place in what they made. */
function logitsGradient(graph: GradientGraph, gradient: string, logits: string): string {
  const g = graph.op('Unsqueeze', [gradient, graph.ints([-1])]);
  const { smoothing } = CROSS_ENTROPY;
  const classes = graph.count(logits, [(graph.facts.rank(logits) ?? 1) - 1]);
  const even = graph.multiply(g, graph.divide(smoothing, classes));
  const spread = graph.subtract(graph.multiply(PROBABILITIES, g), even);
  const sharp = graph.multiply(g, graph.subtract(smoothing, graph.number(1)));
  return graph.op('ScatterElements', [spread, PLACES, sharp], { axis: int(-1), reduction: text('add') });
}

/** As many axes as follow from the graph, their sizes left open. */
function inferredAxes(model: OnnxModel, tensor: string): undefined[] | undefined {
  const rank = new GraphFacts(model).rank(tensor);
  return rank === undefined ? undefined : Array.from({ length: rank }, () => undefined);
}
