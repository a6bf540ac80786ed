// The blocks of a stack, read off its graph: sub-layers by their residual connections, norms by where they stand, the head.
import type {
  AttentionBlock,
  EmbeddingBlock,
  FeedForwardBlock,
  HeadBlock,
  LinearBlock,
  NormBlock,
  ResidualBlock,
  StackStructure,
  SubLayer,
} from '../shared/modelStructure';
import type { NotFound } from '../shared/modelSummary';
import type { Anatomy, AttentionSite } from './anatomy';
import { scaleStep } from './axisRoles';
import type { LookUp } from './embedding';
import { activatedBy } from './feedForward';
import type { GraphFacts } from './graphFacts';
import { linearAfter, linearBehind, nearestLinears, origin, rowsOrigin } from './linear';
import { findNorms } from './norms';

type Known = Omit<Anatomy, 'structure'>;

/** A sub-layer before its norm and output are known. */
interface Bare {
  readonly order: number;
  readonly residual: ResidualBlock | undefined;
  readonly end: string;
  readonly block:
    | {
        readonly what: 'attention';
        readonly site: AttentionSite;
        readonly projection: LinearBlock | undefined;
        readonly inputs: readonly LinearBlock[];
      }
    | Pick<FeedForwardBlock, 'what' | 'activation' | 'up' | 'down'>;
}

/** Nothing is guessed: what does not stand where a Transformer has it is listed in `notFound`. */
export function stackStructure(
  facts: GraphFacts,
  anatomy: Known,
  lookUps: readonly LookUp[],
): StackStructure {
  const norms = findNorms(facts);
  const residuals = findResiduals(facts);
  const bare = [...attentions(facts, anatomy, residuals), ...feedForwards(facts, residuals)].sort(
    (a, b) => a.order - b.order,
  );
  const placed = bare.map((item) => ({ ...item, ...normOf(facts, norms, item.residual) }));
  const isPre = placed.some(({ before }) => before);
  const subLayers = named(placed, isPre);
  const last = placed.at(-1)?.residual?.output;
  const finalNorm = isPre && last !== undefined ? normAfter(facts, norms, last) : undefined;
  const isPost = !isPre && placed.some(({ after }) => after);
  const head = headBlock(facts, anatomy, norms);
  const first = subLayers[0]?.residual?.skip;
  const feedForward = subLayers.find((item) => item.what === 'feedForward');
  return {
    side: anatomy.side,
    layers: anatomy.layers,
    width: anatomy.width,
    feedForward: feedForward?.down.inputs ?? 0,
    embedding: embeddingBlock(facts, anatomy, lookUps, norms, first),
    subLayers,
    normPlacement: isPre ? 'pre' : isPost ? 'post' : 'none',
    finalNorm,
    head,
    parameters: anatomy.parameters,
    notFound: gaps(anatomy, subLayers, norms, head),
  };
}

/** Sums of two computed tensors, one of which ends in a product with a weight. */
function findResiduals(
  facts: GraphFacts,
): readonly (ResidualBlock & { readonly linear: LinearBlock; readonly order: number })[] {
  return facts.order.flatMap((node) => {
    const isSum = node.opType === 'Add' || node.opType.startsWith('Skip');
    const operands = node.inputs.slice(0, 2);
    if (!isSum || operands.length < 2 || operands.some((name) => facts.isConstant(name))) {
      return [];
    }
    const candidates = [1, 0].flatMap((at) => {
      const linear = linearBehind(facts, operands[at]);
      return linear && widthFits(facts, operands[1 - at], linear.outputs)
        ? [{ skip: operands[1 - at], branch: operands[at], linear }]
        : [];
    });
    // Where both end in a product, the later one is the branch.
    const found = candidates.sort((a, b) => depth(facts, b.branch) - depth(facts, a.branch))[0];
    const output = node.opType === 'Add' ? node.outputs[0] : (node.outputs[3] ?? '');
    return found ? [{ ...found, output, order: facts.rankOf(node) }] : [];
  });
}

function depth(facts: GraphFacts, tensor: string): number {
  const node = facts.producer(tensor);
  return node ? facts.rankOf(node) : -1;
}

function widthFits(facts: GraphFacts, tensor: string, width: number): boolean {
  const known = facts.numericDim(tensor, -1);
  return known === undefined || known === width;
}

type Residual = ReturnType<typeof findResiduals>[number];

function plain({ skip, branch, output }: Residual): ResidualBlock {
  return { skip, branch, output };
}

function attentions(facts: GraphFacts, anatomy: Known, residuals: readonly Residual[]): readonly Bare[] {
  return anatomy.attentions.map((site): Bare => {
    const projection = site.context && linearAfter(facts, site.context.tensor);
    const residual = projection && residuals.find(({ linear }) => linear.output === projection.output);
    const node = facts.producer(site.context?.tensor ?? site.weights.tensor);
    return {
      order: residual?.order ?? (node ? facts.rankOf(node) : -1),
      residual: residual && plain(residual),
      end: residual?.output ?? projection?.output ?? site.context?.tensor ?? site.weights.tensor,
      block: { what: 'attention', site, projection, inputs: inputsOf(facts, site) },
    };
  });
}

/** The layers that make queries, keys and values, each once. */
function inputsOf(facts: GraphFacts, site: AttentionSite): readonly LinearBlock[] {
  const all = [site.query, site.key, site.value].flatMap((item) =>
    item ? nearestLinears(facts, item.tensor) : [],
  );
  return [...new Map(all.map((linear) => [linear.weight, linear])).values()];
}

function feedForwards(facts: GraphFacts, residuals: readonly Residual[]): readonly Bare[] {
  return residuals.flatMap((residual): Bare[] => {
    const { linear: down, order, output } = residual;
    const activated = activatedBy(facts, down.input);
    return activated
      ? [
          {
            order,
            residual: plain(residual),
            end: output,
            block: { what: 'feedForward', ...activated, down },
          },
        ]
      : [];
  });
}

/** The norm that reads what is skipped (pre-norm), or the one that reads the sum (post-norm). */
function normOf(facts: GraphFacts, norms: readonly NormBlock[], residual: ResidualBlock | undefined) {
  if (!residual) {
    return { before: undefined, after: undefined };
  }
  const skip = origin(facts, residual.skip);
  const before = norms.find((norm) => norm.input !== '' && origin(facts, norm.input) === skip);
  return { before, after: normAfter(facts, norms, residual.output) };
}

function normAfter(facts: GraphFacts, norms: readonly NormBlock[], tensor: string): NormBlock | undefined {
  const fused = facts.producer(tensor);
  return norms.find(
    (norm) =>
      (norm.input !== '' && origin(facts, norm.input) === origin(facts, tensor)) ||
      (fused !== undefined && fused.outputs.length > 1 && fused.outputs[0] === norm.output),
  );
}

type Placed = Bare & ReturnType<typeof normOf>;

function named(placed: readonly Placed[], isPre: boolean): readonly SubLayer[] {
  let prefix = 'encoder';
  const counts = new Map<string, number>();
  return placed.map(({ block, residual, before, after, end }): SubLayer => {
    const norm = isPre ? before : after;
    const common = { residual, norm, output: !isPre && after ? after.output : end };
    const normSize = norm?.parameters ?? 0;
    if (block.what === 'attention') {
      prefix = block.site.name.split('.')[0];
      const { name, layer } = block.site;
      const own: Omit<AttentionBlock, 'parameters'> = {
        what: 'attention',
        name,
        layer,
        ...common,
        inputs: block.inputs,
        projection: block.projection,
      };
      const inputs = block.inputs.reduce((sum, { parameters }) => sum + parameters, 0);
      return { ...own, parameters: inputs + (block.projection?.parameters ?? 0) + normSize };
    }
    const layer = counts.get(prefix) ?? 0;
    counts.set(prefix, layer + 1);
    const sizes = [...block.up, block.down].reduce((sum, { parameters }) => sum + parameters, 0);
    return {
      ...block,
      name: `${prefix}.${layer}.feedForward`,
      layer,
      ...common,
      parameters: sizes + normSize,
    };
  });
}

function embeddingBlock(
  facts: GraphFacts,
  { embedding, positions }: Known,
  lookUps: readonly LookUp[],
  norms: readonly NormBlock[],
  first: string | undefined,
): EmbeddingBlock | undefined {
  if (!embedding) {
    return undefined;
  }
  const byNode = (node: string) => lookUps.find((item) => (item.node.name || item.node.outputs[0]) === node);
  const tokens = byNode(embedding.node);
  const added = lookUps.find((item) => item.by.what === 'positions');
  const types = lookUps.find(
    (item) => item !== tokens && item !== added && item.width === embedding.width && item.rows <= 16,
  );
  const norm = first === undefined ? undefined : norms.find((item) => item.output === origin(facts, first));
  const tables = [added, types].reduce((sum, item) => sum + (item ? item.rows * item.width : 0), 0);
  return {
    weight: embedding.tensor,
    vocabulary: embedding.vocabulary,
    width: embedding.width,
    scale: embedding.scale,
    positions: positions.kind,
    tokens: tokens?.output ?? '',
    added: added?.output,
    tokenTypes: types?.output,
    output: first,
    norm,
    parameters: embedding.vocabulary * embedding.width + tables + (norm?.parameters ?? 0),
  };
}

function headBlock(facts: GraphFacts, { output }: Known, norms: readonly NormBlock[]): HeadBlock | undefined {
  // Logits that are scaled or bent after the projection (T5, Gemma) have no such layer right behind them.
  const projection = output && linearBehind(facts, output.logits);
  if (!output || !projection) {
    return undefined;
  }
  const { states, scale } = unscaled(facts, rowsOrigin(facts, projection.input));
  const norm = norms.find((item) => item.output === states);
  const activated = activatedBy(facts, norm ? norm.input : states);
  const [dense] = activated?.up.length === 1 ? activated.up : [];
  const transform = activated && dense ? { dense, activation: activated.activation, norm } : undefined;
  return {
    projection,
    scale,
    states,
    logits: output.logits,
    vocabulary: output.vocabulary,
    tied: output.tied,
    transform,
    parameters:
      (output.tied ? projection.parameters - projection.inputs * projection.outputs : projection.parameters) +
      (transform ? transform.dense.parameters + (transform.norm?.parameters ?? 0) : 0),
  };
}

/** T5 multiplies by d_model^−½ before an output matrix that is the embedding. */
function unscaled(facts: GraphFacts, states: string): { readonly states: string; readonly scale: number } {
  const node = facts.producer(states);
  const step = node?.opType === 'Mul' || node?.opType === 'Div' ? scaleStep(facts, node) : undefined;
  const input = step && node?.inputs.find((name) => !facts.isConstant(name));
  return step && input !== undefined
    ? { states: rowsOrigin(facts, input), scale: step.factor }
    : { states, scale: 1 };
}

function gaps(
  anatomy: Known,
  subLayers: readonly SubLayer[],
  norms: readonly NormBlock[],
  head: HeadBlock | undefined,
): readonly NotFound[] {
  const missing: NotFound[] = [];
  for (const item of subLayers) {
    if (item.what === 'attention' && !item.projection) {
      missing.push({
        what: `output projection of ${item.name}`,
        why: 'The heads are not followed by a product with a weight of the model.',
      });
    }
    if (!item.residual) {
      missing.push({
        what: `residual connection of ${item.name}`,
        why: 'What follows the output projection is not a sum with an earlier state.',
      });
    } else if (!item.norm) {
      missing.push({
        what: `norm of ${item.name}`,
        why: 'Neither the state before nor the sum behind it is normalised on its own.',
      });
    }
  }
  if (anatomy.attentions.length > 0 && !subLayers.some(({ what }) => what === 'feedForward')) {
    missing.push({
      what: 'feed-forward',
      why: 'No residual connection adds an activation between two products with weights.',
    });
  }
  if (norms.length === 0) {
    missing.push({
      what: 'norms',
      why: 'The graph has no layer normalisation, as an operator or spelled out.',
    });
  }
  if (anatomy.output && !head) {
    missing.push({
      what: 'head',
      why: 'The logits are scaled or bent after the product with the output matrix.',
    });
  }
  return missing;
}
