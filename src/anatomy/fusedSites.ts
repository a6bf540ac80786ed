// Finds attention that is one operator: of the standard (opset 23) or of the runtime's own set; recomputing it is the taps' work.
import { ElementType, type OnnxNode } from '../onnx/model';
import type { NotFound } from '../shared/modelSummary';
import type { MaskSite, ScoreBias } from './anatomy';
import type { UnnamedSite } from './attentionSite';
import { fusedInputs, fusedTensor, type FusedInputs } from './fusedInputs';
import type { GraphFacts } from './graphFacts';
import { kindOfTerm } from './mask';
import { natureOf } from './maskNature';
import { pastInputOf } from './pastStates';
import { floatAttribute } from './symbolic/attributes';
import type { Trial } from './trial';

/** Operators that are attention but keep their numbers in a form that cannot be recomputed beside them. */
const OPAQUE: Readonly<Record<string, string>> = {
  DecoderAttention: 'It keeps its keys and values in a form of its own.',
  DecoderMaskedMultiHeadAttention: 'It works on one token at a time, with a cache that other operators fill.',
  DecoderMaskedSelfAttention: 'It works on one token at a time, with a cache that other operators fill.',
  LongformerAttention: 'It computes scores inside a window and for a few global tokens only.',
  PackedAttention: 'It works on texts joined without padding.',
  PackedMultiHeadAttention: 'It works on texts joined without padding.',
  PagedAttention: 'Its keys and values lie in pages that a server manages.',
  SparseAttention: 'It computes scores for blocks of keys only.',
};

export function findFusedSites(
  facts: GraphFacts,
  trial: Trial,
): { readonly sites: readonly UnnamedSite[]; readonly notFound: readonly NotFound[] } {
  const notFound: NotFound[] = [];
  const sites: UnnamedSite[] = [];
  facts.model.graph.nodes.forEach((node, nodeIndex) => {
    const opaque = node.domain === '' ? undefined : OPAQUE[node.opType];
    if (opaque !== undefined) {
      const why = `${opaque} The weights inside are not exposed and not recomputed.`;
      notFound.push({ what: `attention of ${operatorName(node)} "${nameOf(node)}"`, why });
      return;
    }
    const inputs = fusedInputs(facts, node);
    if (inputs === undefined) {
      return;
    }
    if (typeof inputs === 'string') {
      notFound.push({ what: `attention of ${operatorName(node)} "${nameOf(node)}"`, why: inputs });
      return;
    }
    sites.push(describe(facts, trial, node, nodeIndex, inputs));
  });
  return { sites, notFound };
}

function describe(
  facts: GraphFacts,
  trial: Trial,
  node: OnnxNode,
  nodeIndex: number,
  inputs: FusedInputs,
): UnnamedSite {
  const [output] = node.outputs;
  const stage = (name: string) => ({ tensor: fusedTensor(output, name), layout: 'heads' as const });
  const value = inputs.scale ?? (inputs.headSize > 0 ? 1 / Math.sqrt(inputs.headSize) : undefined);
  const { mask, bias, missing } = maskOf(facts, trial, node, inputs);
  const cap = floatAttribute(node, 'softcap') ?? 0;
  const fourAxes = facts.rank(inputs.query.tensor) === 4 && node.domain === '';
  return {
    described: {
      heads: inputs.heads,
      keyValueHeads: inputs.keyValueHeads,
      headSize: inputs.headSize,
      node: nameOf(node),
      foundBy: operatorName(node),
      fused: { opType: node.opType, domain: node.domain, nodeIndex },
      weights: stage('weights'),
      scores: stage('scores'),
      scaled: stage('scaled'),
      masked: stage('masked'),
      scale: value === undefined ? undefined : { value, on: 'fused' },
      mask,
      bias,
      query: stage('query'),
      key: stage('key'),
      value: stage('value'),
      context: { tensor: output, layout: fourAxes ? 'heads' : 'flat' },
      ...(cap > 0 ? { softcap: cap } : {}),
    },
    order: facts.rankOf(node),
    past: {
      key: pastOf(facts, inputs.pastKey ?? inputs.key.tensor),
      value: pastOf(facts, inputs.pastValue ?? inputs.value.tensor),
    },
    causal: mask?.causal === true,
    sources: { query: inputs.query.tensor, key: inputs.key.tensor },
    missing,
  };
}

function pastOf(facts: GraphFacts, tensor: string): string | undefined {
  return pastInputOf(facts, tensor);
}

function maskOf(
  facts: GraphFacts,
  trial: Trial,
  node: OnnxNode,
  inputs: FusedInputs,
): {
  readonly mask: MaskSite | undefined;
  readonly bias: ScoreBias | undefined;
  readonly missing: readonly NotFound[];
} {
  const added = inputs.scoreBias;
  const kind = added === undefined || isBool(facts, added) ? undefined : kindOfTerm(facts, trial, added, 1);
  const isBias = kind === 'relative' || kind === 'alibi';
  const sources = [inputs.padding, isBias ? undefined : added].filter(
    (name): name is string => name !== undefined,
  );
  const bias: ScoreBias | undefined =
    isBias && added !== undefined ? { kind, tensor: added, layout: 'heads' } : undefined;
  const missing: NotFound[] =
    kind === 'unknown'
      ? [
          {
            what: `meaning of ${added}`,
            why: 'It is added to the scores, but it could not be told whether it masks or says something about positions; it is shown as the mask.',
          },
        ]
      : [];
  const hidden = sources.some(
    (name) =>
      natureOf(facts, trial, name, { form: 'add' })?.causal ||
      natureOf(facts, trial, name, { form: 'where', keepsWhenTrue: true })?.causal,
  );
  const causal = inputs.causal !== undefined || hidden;
  if (sources.length === 0 && !causal && inputs.lengths === undefined) {
    return { mask: undefined, bias, missing };
  }
  const fed = [...sources, ...(inputs.lengths === undefined ? [] : [inputs.lengths])];
  const names = facts.inputs
    .map((input) => input.name)
    .filter((name) => fed.some((tensor) => facts.dependencies.has(tensor, name)));
  return {
    mask: {
      form: 'add',
      tensor: fusedTensor(node.outputs[0], 'mask'),
      layout: 'heads',
      node: nameOf(node),
      more: [],
      inputs: names,
      causal,
      parts: [],
    },
    bias,
    missing,
  };
}

function isBool(facts: GraphFacts, tensor: string): boolean {
  return facts.elementType(tensor) === ElementType.bool;
}

const nameOf = (node: OnnxNode): string => node.name || node.outputs[0];
const operatorName = (node: OnnxNode): string =>
  node.domain === '' ? node.opType : `${node.domain} ${node.opType}`;
