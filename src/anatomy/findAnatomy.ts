// Finds where is what in a graph, by its structure alone: attentions, masks, positions, embedding, output, inputs.
import type { OnnxModel } from '../onnx/model';
import type { NotFound } from '../shared/modelSummary';
import type { Anatomy, AttentionSite } from './anatomy';
import { findAttentions } from './attentions';
import { embeddingSite, findLookUps, tokenLookUp, type LookUp } from './embedding';
import { GraphFacts } from './graphFacts';
import { inputRoles } from './inputs';
import { findOutput } from './output';
import { countParameters } from './parameters';
import { findPositions } from './positions';
import { stackStructure } from './stackStructure';
import { sameDim } from './symbolic/dim';
import { Trial } from './trial';

/** Reads the anatomy off a graph. Weights are looked at only where two must be compared or a table recognised. */
export function findAnatomy(model: OnnxModel): Anatomy {
  const facts = new GraphFacts(model);
  const trial = new Trial(facts);
  const { found, notFound } = findAttentions(facts, trial);
  const attentions = found.map(({ site }) => site);
  const lookUps = findLookUps(facts, trial);
  const tokens = tokenLookUp(lookUps);
  const embedding = tokens && embeddingSite(facts, tokens);
  const { output, notFound: noOutput } = findOutput(facts, tokens);
  const isDecoder = attentions.some((site) => site.kind !== 'encoderSelf');
  const missing: NotFound[] = [...notFound];
  if (attentions.length === 0) {
    missing.push({ what: 'attention', why: whyNone(facts) });
  }
  if (!embedding) {
    missing.push({ what: 'token embedding', why: 'No rows of a weight are looked up by token ids.' });
  }
  if (tokens && attentions.some((site) => runsOverTexts(facts, site, idsOf(tokens)))) {
    missing.push({
      what: 'attention between tokens',
      why: `The weights run over the first axis of "${idsOf(tokens)}", where other models have the texts of a batch: the graph expects one token per row.`,
    });
  }
  const known: Omit<Anatomy, 'structure'> = {
    side: isDecoder ? 'decoder' : 'encoder',
    layers: layersOf(attentions, isDecoder),
    width: embedding?.width ?? widthOf(attentions),
    attentions,
    positions: findPositions(facts, trial, lookUps, attentions),
    embedding,
    output,
    inputs: inputRoles(facts, found, lookUps, tokens),
    parameters: countParameters(model.graph.initializers, embedding, output),
    notFound: [...missing, ...noOutput],
  };
  return { ...known, structure: stackStructure(facts, known, lookUps) };
}

/** Layers of the side that the graph is: the decoder's in a graph with both. */
function layersOf(attentions: readonly AttentionSite[], isDecoder: boolean): number {
  const own = attentions.filter((site) => (site.kind === 'encoderSelf') !== isDecoder);
  return own.reduce((layers, site) => Math.max(layers, site.layer + 1), 0);
}

/** The input with the token ids. */
function idsOf({ by, indices }: LookUp): string {
  return (by.what === 'tokens' ? by.inputs[0] : undefined) ?? indices;
}

/** Whether queries are counted by the first axis of the token ids, as modules exported with the sequence first do. */
function runsOverTexts(facts: GraphFacts, { weights, kind }: AttentionSite, ids: string): boolean {
  const rows = facts.dims(weights.tensor)?.at(-2);
  const [texts, tokens] = facts.dims(ids) ?? [];
  const isKnown = kind !== 'cross' && rows !== undefined && texts !== undefined && tokens !== undefined;
  return isKnown && typeof rows !== 'number' && sameDim(rows, texts) && !sameDim(rows, tokens);
}

/** Heads · d_k, which is the width of all common models. */
function widthOf([first]: readonly AttentionSite[]): number {
  return first ? first.heads * first.headSize : 0;
}

function whyNone(facts: GraphFacts): string {
  const softmaxes = facts.order.filter((node) => node.opType === 'Softmax').length;
  const branches = facts.order.find((node) =>
    Object.values(node.attributes).some((value) => value.type === 'graph'),
  );
  if (branches) {
    return `The graph keeps its layers inside branches of ${branches.opType} "${branches.name}", which are not looked into.`;
  }
  return softmaxes === 0
    ? 'The graph has no Softmax and no attention operator.'
    : `The graph has ${softmaxes} Softmax, but none between a product of two computed tensors and a product with values.`;
}
