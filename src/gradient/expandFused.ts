// Takes fused operators apart that lie on the way of a gradient: into plain ones that have rules. All others stay fused.
import { findAttentions } from '../anatomy/attentions';
import { fusedInputs } from '../anatomy/fusedInputs';
import { GraphFacts } from '../anatomy/graphFacts';
import { Trial } from '../anatomy/trial';
import type { OnnxModel, OnnxNode } from '../onnx/model';
import { spellOut } from '../probe/fusedContext';
import { NodeWriter } from '../probe/nodeWriter';
import { FUSED_LAYERS } from './fusedLayers';
import { operatorOf } from './operatorRule';
import { unsupportedNode } from './unsupported';

/** Attention as one operator; its forms are read by src/anatomy/fusedInputs.ts and spelled out by src/probe/fusedStages.ts. */
export const FUSED_ATTENTIONS: ReadonlySet<string> = new Set([
  'Attention',
  'com.microsoft:Attention',
  'com.microsoft:MultiHeadAttention',
  'com.microsoft:GroupQueryAttention',
]);

/**
 * The model with fused operators expanded that make one of the `active` tensors; itself when there are none. As for
 * `canonicalOpset`, `bytes` stay those of the file.
 *
 * @throws UserError `modelUnsupported` for a form that cannot be taken apart, naming operator and node.
 */
export function expandFused(model: OnnxModel, active: ReadonlySet<string>): OnnxModel {
  return expandAttentions(expandLayers(model, active), active);
}

const makesAny = (node: OnnxNode, active: ReadonlySet<string>): boolean =>
  node.outputs.some((output) => active.has(output));

function expandLayers(model: OnnxModel, active: ReadonlySet<string>): OnnxModel {
  const isFused = (node: OnnxNode): boolean => operatorOf(node) in FUSED_LAYERS && makesAny(node, active);
  if (!model.graph.nodes.some(isFused)) {
    return model;
  }
  const facts = new GraphFacts(model);
  const initializers = [...model.graph.initializers];
  const nodes = model.graph.nodes.flatMap((node) => {
    // FastGelu without a bias is its own plain form.
    if (!isFused(node) || (node.opType === 'FastGelu' && !node.inputs[1])) {
      return [node];
    }
    const writer = new NodeWriter(`${node.outputs[0]}/plain`, facts.elementType(node.outputs[0]));
    FUSED_LAYERS[operatorOf(node)](node, writer, facts);
    initializers.push(...writer.initializers);
    return writer.nodes;
  });
  return { ...model, graph: { ...model.graph, nodes, initializers } };
}

function expandAttentions(model: OnnxModel, active: ReadonlySet<string>): OnnxModel {
  const isFused = (node: OnnxNode): boolean =>
    FUSED_ATTENTIONS.has(operatorOf(node)) && makesAny(node, active);
  if (!model.graph.nodes.some(isFused)) {
    return model;
  }
  const read = new Set([
    ...model.graph.nodes.flatMap((node) => node.inputs),
    ...model.graph.outputs.map(({ name }) => name),
  ]);
  // A cache that nobody reads would be taken for the keys and values, and nothing flows through it.
  const nodes = model.graph.nodes.map((node) =>
    isFused(node)
      ? { ...node, outputs: node.outputs.map((name, i) => (i === 0 || read.has(name) ? name : '')) }
      : node,
  );
  const facts = new GraphFacts({ ...model, graph: { ...model.graph, nodes } });
  const { found, notFound } = findAttentions(facts, new Trial(facts));
  const sites = found.map(({ site }) => site).filter(({ fused }) => fused && isFused(nodes[fused.nodeIndex]));
  const apart = new Set(sites.map(({ fused }) => fused?.nodeIndex));
  nodes.forEach((node, i) => {
    const inputs = apart.has(i) ? fusedInputs(facts, node) : undefined;
    if (typeof inputs === 'object' && !(inputs.headSize > 0)) {
      throw unsupportedNode(node, 'How wide a head is does not follow from the file.');
    }
    if (isFused(node) && (!apart.has(i) || node.outputs.slice(1).some((name) => name !== ''))) {
      const why = apart.has(i)
        ? 'The loss is wanted together with its keys and values.'
        : notFound.map((each) => each.why).join(' ');
      throw unsupportedNode(node, why);
    }
  });
  return spellOut(facts, sites).model;
}
