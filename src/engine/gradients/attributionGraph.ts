// The graph behind gradient attribution: a whole model whose embeddings lie on a path from a baseline, with their gradients summed up per token.
import { GraphFacts } from '../../anatomy/graphFacts';
import { buildGradient } from '../../gradient/buildGradient';
import { canonicalOpset } from '../../gradient/canonicalOpset';
import { editModel } from '../../onnx/editModel';
import { int, intTensor, node, untyped, value } from '../../onnx/graphBuilder';
import type { GraphEdit } from '../../onnx/graphEdits';
import { add, dropUnused, keepOutputs, rewire } from '../../onnx/graphEdits';
import type { OnnxGraph, OnnxModel, OnnxNode } from '../../onnx/model';
import { ElementType } from '../../onnx/model';
import { sortNodes } from '../../onnx/sortNodes';
import { UserError } from '../../shared/errors';
import { joinedName, joinGraphs } from '../../training/joinGraphs';
import type { StackName, TrainingStack, TrainingStacks } from '../../training/trainingStack';
import { stacksOf } from '../../training/trainingStack';

/** Inputs and outputs that {@link attributionGraph} adds. Every row of a batch differentiates one output at one point of the path. */
export const PATH = {
  /** Input, float32 `[batch, 1, 1]`: where each row stands on the path, 0 at the baseline, 1 at the text. */
  share: 'path_share',
  /** Input, int64 `[batch, 1, 1]`: the position whose prediction is differentiated. */
  position: 'output_position',
  /** Input, int64 `[batch, 1, 1]`: the token that is predicted there. */
  token: 'output_token',
  /** Result `[batch, 1, 1]`: ln p of that token. */
  value: 'output_log_probability',
} as const;

/** One table of embeddings on the path; tensors of the graph. */
export interface PathEmbedding {
  readonly stack: StackName;
  /** What the model multiplies looked-up rows with; gradients are taken after that. */
  readonly scale: number;
  readonly width: number;
  /** Input, float32 `[width]`: the row that takes every token's place at the baseline, before the scale. */
  readonly baseline: string;
  /** Result `[batch, length]`: ‖∂ value ÷ ∂ embedding‖ of every token, before the scale. */
  readonly norm: string;
  /** Result `[batch, length]`: gradient · (embedding − baseline). */
  readonly product: string;
}

export interface AttributionGraph {
  readonly model: OnnxModel;
  /** In the order of the stacks. */
  readonly embeddings: readonly PathEmbedding[];
}

/**
 * Joins the stacks and cuts each at the result of its embedding's look-up, before positions are added: there x' = b + α·(x − b).
 * The only loss is the sum over rows of one token's log-probability at one position, so that nothing else of the vocabulary is
 * projected where the graph ends in a plain product.
 *
 * @throws UserError `modelUnsupported`: no logits, no separate look-up, an input of unknown purpose, or an operator without a rule,
 * by name; `modelTooLarge`.
 */
export function attributionGraph(stacks: TrainingStacks): AttributionGraph {
  const canonical = mapStacks(stacks);
  const joined = joinGraphs(canonical);
  const { logits } = joined;
  if (logits === undefined) {
    throw unsupported(
      'This model has no projection onto its vocabulary, so there is no output to differentiate.',
    );
  }
  const files = new Map(stacksOf(stacks).flatMap(([, { model }]) => [...(model.files ?? [])]));
  const [[, { model: first }]] = stacksOf(canonical);
  const whole: OnnxModel = {
    ...first,
    ...joined,
    files,
    graph: edited(joined.graph, [keepOutputs([logits]), dropUnused()]),
  };
  const facts = new GraphFacts(whole);
  const cuts = stacksOf(canonical).map(([stack, { anatomy }]) => cutOf(facts, stack, anatomy));
  const edits = [...cuts.map(({ edit }) => edit), outputEnd(facts, logits), add({ inputs: PATH_INPUTS })];
  const forward = editModel(whole, [...edits, dropUnused()]);
  const { model, gradients } = buildGradient(forward, {
    loss: SUM,
    withRespectTo: cuts.map(({ path }) => path),
    outputs: [PATH.value],
  });
  const sums = cuts.map(({ embedding, path, difference }) =>
    tokenSums(embedding, gradients.get(path) ?? '', difference),
  );
  const outputs = [PATH.value, ...cuts.flatMap(({ embedding }) => [embedding.norm, embedding.product])];
  return {
    model: editModel(model, [...sums, keepOutputs(outputs), dropUnused()]),
    embeddings: cuts.map(({ embedding }) => embedding),
  };
}

const SUM = 'output_sum';
const PATH_INPUTS = [
  value(PATH.share, ElementType.float32, ['batch', 1, 1]),
  value(PATH.position, ElementType.int64, ['batch', 1, 1]),
  value(PATH.token, ElementType.int64, ['batch', 1, 1]),
];

function edited(graph: OnnxGraph, edits: readonly GraphEdit[]): OnnxGraph {
  return sortNodes(edits.reduce((changed, edit) => edit(changed), graph));
}

function mapStacks(stacks: TrainingStacks): TrainingStacks {
  const convert = (stack: TrainingStack): TrainingStack => ({ ...stack, model: canonicalOpset(stack.model) });
  return 'model' in stacks
    ? { model: convert(stacks.model) }
    : { encoder: convert(stacks.encoder), decoder: convert(stacks.decoder) };
}

interface Cut {
  readonly embedding: PathEmbedding;
  readonly path: string;
  readonly difference: string;
  readonly edit: GraphEdit;
}

/** Puts the path between a look-up and everything that reads it. */
function cutOf(facts: GraphFacts, stack: StackName, { embedding, structure }: TrainingStack['anatomy']): Cut {
  const tokens = structure.embedding && joinedName(stack, structure.embedding.tokens);
  const maker = tokens === undefined ? undefined : facts.producer(tokens);
  if (!embedding || tokens === undefined || !maker) {
    throw unsupported('The embedding of this model was not found, so no gradient can be taken there.');
  }
  if (maker.opType !== 'Gather' || facts.rank(tokens) !== 3) {
    throw unsupported(
      `The embedding is looked up inside the operator ${maker.opType} (node "${maker.name || tokens}"), so no gradient can be taken there. Use an export that was not optimised.`,
    );
  }
  const at = (part: string): string => `${stack}/path/${part}`;
  const [baseline, difference, path] = [at('baseline'), at('difference'), at('embedding')];
  const { scale, width } = embedding;
  return {
    embedding: { stack, scale, width, baseline, norm: at('norm'), product: at('product') },
    path,
    difference,
    edit: (graph) =>
      add({
        inputs: [value(baseline, ElementType.float32, [width])],
        nodes: [
          node('Sub', [tokens, baseline], [difference]),
          node('Mul', [difference, PATH.share], [at('step')]),
          node('Add', [at('step'), baseline], [path]),
        ],
      })(rewire(tokens, path)(graph)),
  };
}

/** From states or logits to {@link PATH.value} and {@link SUM}, which are the only outputs then. */
function outputEnd(facts: GraphFacts, logits: string): GraphEdit {
  const projection = plainProjection(facts, logits);
  const from = projection?.inputs[0] ?? logits;
  const picked = 'output/row';
  const nodes = [
    node('Shape', [from], ['output/size'], { start: int(2), end: int(3) }),
    node('Concat', ['output/ones', 'output/size'], ['output/row_shape'], { axis: int(0) }),
    node('Expand', [PATH.position, 'output/row_shape'], ['output/places']),
    node('GatherElements', [from, 'output/places'], [picked], { axis: int(1) }),
    node('LogSoftmax', [projection ? logits : picked], ['output/log_probabilities'], { axis: int(-1) }),
    node('GatherElements', ['output/log_probabilities', PATH.token], [PATH.value], { axis: int(2) }),
    node('ReduceSum', [PATH.value], [SUM], { keepdims: int(0) }),
  ];
  const reread: GraphEdit = projection
    ? rewire(from, picked, ({ outputs }) => outputs[0] === projection.outputs[0])
    : (graph) => graph;
  return (graph) => ({
    ...add({ nodes, initializers: [intTensor('output/ones', [2], [1, 1])] })(reread(graph)),
    outputs: [untyped(PATH.value), untyped(SUM)],
  });
}

/** The product with the vocabulary, if each row passes from it to the logits by itself. */
function plainProjection(facts: GraphFacts, logits: string): OnnxNode | undefined {
  const way = [logits];
  for (const tensor of way) {
    const maker = facts.producer(tensor);
    const open = maker?.inputs.filter((name) => !facts.isConstant(name)) ?? [];
    if (maker?.opType === 'MatMul') {
      const isPlain = open.length === 1 && open[0] === maker.inputs[0] && facts.rank(open[0]) === 3;
      return isPlain ? maker : undefined;
    }
    const others = maker?.inputs.filter((name) => facts.isConstant(name)) ?? [];
    const isRowwise =
      maker !== undefined &&
      ['Add', 'Mul', 'Div', 'Identity', 'Tanh'].includes(maker.opType) &&
      others.every((name) => (facts.rank(name) ?? 2) <= 1);
    if (isRowwise && open.length === 1) {
      way.push(open[0]);
    }
  }
  return undefined;
}

/** One number per token from the gradient of its embedding. */
function tokenSums({ norm, product }: PathEmbedding, gradient: string, difference: string): GraphEdit {
  const axes = `${norm}/axes`;
  return add({
    initializers: [intTensor(axes, [1], [-1])],
    nodes: [
      node('ReduceL2', [gradient, axes], [norm], { keepdims: int(0) }),
      node('Mul', [gradient, difference], [`${product}/terms`]),
      node('ReduceSum', [`${product}/terms`, axes], [product], { keepdims: int(0) }),
    ],
    outputs: [untyped(norm), untyped(product)],
  });
}

function unsupported(message: string): UserError {
  return new UserError('modelUnsupported', message);
}
