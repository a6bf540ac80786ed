// Describes one attention that is spelled out in the graph: its stages, scale, mask, heads, query, key and value.
import type { NotFound } from '../shared/modelSummary';
import type { AttentionSite } from './anatomy';
import type { GraphFacts } from './graphFacts';
import { countHeads } from './headCount';
import { findScoreExtras } from './mask';
import { natureOf } from './maskNature';
import { contextTensor, dotProductOperands, shownTensor, traceBack, valueOperand } from './operands';
import { pastInputOf } from './pastStates';
import { plainScores } from './plainScores';
import { scoreTensor } from './scoreLayout';
import type { ScoreStep } from './scorePath';
import type { SoftmaxSite } from './softmaxSites';
import type { Trial } from './trial';

/** A site and what is needed to tell its kind, layer and name, which only the whole graph can. */
export interface UnnamedSite {
  readonly described: Omit<AttentionSite, 'name' | 'kind' | 'layer'>;
  readonly order: number;
  readonly past: { readonly key: string | undefined; readonly value: string | undefined };
  readonly causal: boolean;
  /** The operands of the dot product, to tell self- from cross-attention. */
  readonly sources: { readonly query: string; readonly key: string };
  /** What is missing; `what` is completed with the site's name. */
  readonly missing: readonly NotFound[];
}

export function describeSite(facts: GraphFacts, trial: Trial, site: SoftmaxSite): UnnamedSite | undefined {
  const { softmax, path, mixing, weights, weightsOperand } = site;
  const steps = path.steps.map((step) => asGate(facts, trial, step));
  const operands = dotProductOperands(facts, path.product);
  const values = valueOperand(facts, mixing, weightsOperand);
  if (!operands || !values) {
    return undefined;
  }
  const query = traceBack(facts, operands.rows);
  const key = traceBack(facts, operands.columns);
  const value = traceBack(facts, values);
  const shown = { query: shownTensor(query), key: shownTensor(key), value: shownTensor(value) };
  const count = countHeads(facts, weights, query, key, value);
  const factors = { query: query[query.length - 1].factor, key: key[key.length - 1].factor };
  const scale = scaleOf(steps, { ...factors, alpha: operands.alpha });
  const isPlain = factors.query === 1 && factors.key === 1 && operands.alpha === 1;
  const cap = softcapOf(steps);
  const extras = findScoreExtras(facts, trial, steps);
  const stages = stagesOf(steps, path.product.outputs[0], site.input);
  const past = {
    key: pastInputOf(facts, operands.columns.tensor),
    value: pastInputOf(facts, values.tensor),
  };
  const described: UnnamedSite['described'] = {
    ...count,
    node: softmax.name || softmax.outputs[0],
    foundBy: `${softmax.opType === 'Softmax' ? 'Softmax' : 'Exp ÷ ReduceSum'} → ${mixing.opType}`,
    fused: undefined,
    weights: scoreTensor(facts, weights),
    scores: isPlain ? scoreTensor(facts, stages.scores) : undefined,
    scaled: scoreTensor(facts, stages.scaled),
    masked: scoreTensor(facts, stages.masked),
    scale,
    mask: extras.mask,
    bias: extras.bias,
    query: shown.query,
    key: shown.key,
    value: shown.value,
    context: contextTensor(facts, mixing, weightsOperand),
    ...(cap === undefined ? {} : { softcap: cap }),
  };
  return {
    described,
    order: facts.rankOf(softmax),
    past,
    causal: extras.mask?.causal === true,
    sources: { query: operands.rows.tensor, key: operands.columns.tensor },
    missing: gapsOf(described, extras.unknown),
  };
}

/** What could not be read off the graph, with the reason. */
function gapsOf(site: UnnamedSite['described'], unknown: readonly string[]): readonly NotFound[] {
  const gaps: NotFound[] = [];
  if (site.heads === 0) {
    gaps.push({
      what: 'number of heads',
      why: 'No shape around this attention states the number of heads as a number.',
    });
  }
  for (const what of ['query', 'key', 'value'] as const) {
    if (!site[what]) {
      gaps.push({
        what,
        why: `The axes of the ${what} could not be followed back to batch, head and position.`,
      });
    }
  }
  if (!site.scale) {
    gaps.push({
      what: 'scale',
      why: 'The scores are multiplied by something that is not one constant number, e.g. a learned temperature.',
    });
  }
  if (!plainScores(site)) {
    gaps.push({
      what: 'scores before the scale',
      why: 'The graph scales before the dot product, and what it does then cannot be undone by a division.',
    });
  }
  for (const tensor of unknown) {
    gaps.push({
      what: `meaning of ${tensor}`,
      why: 'It is added to the scores, but is neither a mask nor a known position bias.',
    });
  }
  return gaps;
}

/** Tells a mask of 0 and 1 that multiplies the scores from a learned scale. */
function asGate(facts: GraphFacts, trial: Trial, step: ScoreStep): ScoreStep {
  if (step.kind !== 'learnedScale') {
    return step;
  }
  const nature = natureOf(facts, trial, step.other, { form: 'where', keepsWhenTrue: true });
  return nature ? { ...step, kind: 'gate' } : step;
}

/** Everything that multiplies q·k by one number; undefined when something else does. */
function scaleOf(
  steps: readonly ScoreStep[],
  on: { readonly query: number; readonly key: number; readonly alpha: number },
): AttentionSite['scale'] {
  if (steps.some((step) => step.kind === 'learnedScale')) {
    return undefined;
  }
  const scores = steps.reduce(
    (factor, step) => (step.kind === 'scale' ? factor * step.factor : factor),
    on.alpha,
  );
  const value = scores * on.query * on.key;
  const operands = on.query !== 1 && on.key !== 1 ? 'both' : on.query !== 1 ? 'query' : 'key';
  return { value, on: on.query === 1 && on.key === 1 ? 'scores' : operands };
}

/** The last tensor of each stage: after the product, after the last scale or cap before any mask, before the softmax. */
function stagesOf(
  steps: readonly ScoreStep[],
  product: string,
  softmaxInput: string,
): { readonly scores: string; readonly scaled: string; readonly masked: string } {
  const firstMask = steps.findIndex(({ kind }) => kind === 'add' || kind === 'where' || kind === 'gate');
  const sink = steps.find((step) => step.kind === 'sink');
  const masked = sink ? sink.from : softmaxInput;
  const scaled = firstMask < 0 ? masked : steps[firstMask].from;
  return { scores: product, scaled, masked };
}

/** The constant of `cap·tanh(x ÷ cap)`. */
function softcapOf(steps: readonly ScoreStep[]): number | undefined {
  const at = steps.findIndex((step) => step.kind === 'tanh');
  const after = steps.slice(at + 1).find((step) => step.kind === 'scale');
  return at < 0 ? undefined : after?.kind === 'scale' ? after.factor : 1;
}
