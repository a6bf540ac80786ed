// Takes the result of a fused attention from its recomputed stages, so that what is changed in them has an effect.
import type { AttentionSite, SiteTensor } from '../anatomy/anatomy';
import { fusedTensor } from '../anatomy/fusedInputs';
import type { GraphFacts } from '../anatomy/graphFacts';
import type { OnnxModel } from '../onnx/model';
import { fusedStages } from './fusedStages';
import type { NodeWriter } from './nodeWriter';

/** The model with every fused attention spelled out beside its operator, and the sites as they are then. */
export function spellOut(
  facts: GraphFacts,
  sites: readonly AttentionSite[],
): { readonly model: OnnxModel; readonly sites: readonly AttentionSite[] } {
  const { model } = facts;
  const writers: NodeWriter[] = [];
  const renamed = new Map<string, string>();
  const spelled = sites.map((site) => {
    const writer = site.fused && fusedStages(facts, site);
    const node = site.fused && model.graph.nodes[site.fused.nodeIndex];
    if (!writer || !node) {
      return site;
    }
    writers.push(writer);
    const [output] = node.outputs;
    renamed.set(output, fusedTensor(output, 'fused'));
    const context = addContext(writer, site, output);
    return { ...site, fused: undefined, context };
  });
  const { nodes, initializers } = model.graph;
  const graph = {
    ...model.graph,
    nodes: [
      ...nodes.map((node) =>
        node.outputs.some((name) => renamed.has(name))
          ? { ...node, outputs: node.outputs.map((name) => renamed.get(name) ?? name) }
          : node,
      ),
      ...writers.flatMap((writer) => writer.nodes),
    ],
    initializers: [...initializers, ...writers.flatMap((writer) => writer.initializers)],
  };
  return { model: { ...model, graph }, sites: spelled };
}

/** weights · V and the operator's result from it; returns where weights · V lies. */
function addContext(writer: NodeWriter, site: AttentionSite, output: string): SiteTensor {
  const stage = (name: string): string => fusedTensor(output, name);
  const name = stage('context');
  const { heads, keyValueHeads } = site;
  const isSplit = site.context?.layout === 'heads';
  if (heads === keyValueHeads) {
    writer.node('MatMul', [stage('weights'), stage('value')], {}, name);
  } else {
    // Queries of one group become the rows of one product, as for the scores.
    const [rows, keys] = [writer.size(stage('weights'), 2), writer.size(stage('weights'), 3)];
    const grouped = writer.reshapeTo(stage('weights'), [0, keyValueHeads, -1, keys]);
    const product = writer.node('MatMul', [grouped, stage('value')]);
    writer.reshapeTo(product, [0, heads, rows, -1], name);
  }
  if (isSplit) {
    writer.node('Identity', [name], {}, output);
  } else {
    writer.node('Reshape', [writer.transpose(name, [0, 2, 1, 3]), writer.ints([0, 0, -1])], {}, output);
  }
  return { tensor: name, layout: 'heads' };
}
