// Describes one attention that is spelled out in the graph: its stages, scale, mask, heads, query, key and value.
import type { NotFound } from '../shared/modelSummary';
import type { AttentionSite, SiteTensor } from './anatomy';
import type { GraphFacts } from './graphFacts';
import { countHeads } from './headCount';
import { findScoreExtras } from './mask';
import { natureOf } from './maskNature';
import { contextTensor, dotProductOperands, shownTensor, traceBack, valueOperand } from './operands';
import { pastInputOf } from './pastStates';
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
  const missing: NotFound[] = [];
  const query = traceBack(facts, operands.rows);
  const key = traceBack(facts, operands.columns);
  const value = traceBack(facts, values);
  const shown = { query: shownTensor(query), key: shownTensor(key), value: shownTensor(value) };
  const count = countHeads(facts, weights, query, key, value);
  if (count.heads === 0) {
    missing.push({
      what: 'number of heads',
      why: 'No shape around this attention states the number of heads as a number.',
    });
  }
  for (const what of ['query', 'key', 'value'] as const) {
    if (!shown[what]) {
      missing.push({
        what,
        why: `The axes of the ${what} could not be followed back to batch, head and position.`,
      });
    }
  }
  const scale = scaleOf(steps, {
    query: query[query.length - 1].factor,
    key: key[key.length - 1].factor,
    alpha: operands.alpha,
  });
  if (!scale) {
    missing.push({
      what: 'scale',
      why: 'The scores are multiplied by something that is not one constant number, e.g. a learned temperature.',
    });
  }
  const onOperands = scale && scale.on !== 'scores';
  const hasProduct = !onOperands && operands.alpha === 1;
  if (!hasProduct && (!scale || softcapOf(steps) !== undefined)) {
    missing.push({
      what: 'scores before the scale',
      why: 'The graph scales before the dot product, and what it does then cannot be undone by a division.',
    });
  }
  const extras = findScoreExtras(facts, trial, steps);
  for (const tensor of extras.unknown) {
    missing.push({
      what: `meaning of ${tensor}`,
      why: 'It is added to the scores, but is neither a mask nor a known position bias.',
    });
  }
  const stages = stagesOf(steps, path.product.outputs[0], site.input);
  const past = {
    key: pastInputOf(facts, operands.columns.tensor),
    value: pastInputOf(facts, values.tensor),
  };
  const caps = softcapOf(steps);
  const described: UnnamedSite['described'] = {
    ...count,
    node: softmax.name || softmax.outputs[0],
    foundBy: `${softmax.opType === 'Softmax' ? 'Softmax' : 'Exp ÷ ReduceSum'} → ${mixing.opType}`,
    fused: undefined,
    weights: scoreTensor(facts, weights),
    scores: !hasProduct ? undefined : scoreTensor(facts, stages.scores),
    scaled: scoreTensor(facts, stages.scaled),
    masked: scoreTensor(facts, stages.masked),
    scale,
    mask: extras.mask,
    bias: extras.bias,
    query: withoutFactor(shown.query),
    key: withoutFactor(shown.key),
    value: withoutFactor(shown.value),
    context: contextTensor(facts, mixing, weightsOperand),
    ...(caps === undefined ? {} : { softcap: caps }),
  };
  return {
    described,
    order: facts.rankOf(softmax),
    past,
    causal: extras.mask?.causal === true,
    sources: { query: operands.rows.tensor, key: operands.columns.tensor },
    missing,
  };
}

/** Tells a mask of 0 and 1 that multiplies the scores from a learned scale. */
function asGate(facts: GraphFacts, trial: Trial, step: ScoreStep): ScoreStep {
  if (step.kind !== 'learnedScale') {
    return step;
  }
  const nature = natureOf(facts, trial, step.other, { form: 'where', keepsWhenTrue: true });
  return nature ? { ...step, kind: 'gate' } : step;
}

/** A tensor that still carries a scale is not shown as query or key. */
function withoutFactor(
  shown: (SiteTensor & { readonly factor: number }) | undefined,
): SiteTensor | undefined {
  return (
    shown && {
      tensor: shown.tensor,
      layout: shown.layout,
      ...(shown.factor === 1 ? {} : { factor: 1 / shown.factor }),
    }
  );
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
