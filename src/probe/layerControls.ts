// Adds controls to the residual stream: a factor on what each sub-layer adds, and a patch of the state after each layer.
import type { GraphFacts } from '../anatomy/graphFacts';
import type { StackStructure, SubLayer } from '../shared/modelStructure';
import type { LayerControls } from './experiment';
import type { GraphSurgeon } from './graphSurgeon';

/** Where the operators that add and normalise keep the bias of the branch: input 4, or 3 of the one without β. */
const FUSED_BIAS: Readonly<Record<string, number>> = {
  SkipLayerNormalization: 4,
  SkipSimplifiedLayerNormalization: 3,
};

/** Input by name of the sub-layer; those without a residual connection of their own are left out. */
export function addSubLayerControls(
  facts: GraphFacts,
  surgeon: GraphSurgeon,
  { subLayers }: StackStructure,
): ReadonlyMap<string, string> {
  const controls = new Map<string, string>();
  for (const { name, residual } of subLayers) {
    if (residual && residual.branch !== '') {
      const factor = surgeon.control(`${name}/branch`, { type: 'float32', rank: 0, value: 1 });
      surgeon.interpose(residual.branch, (own, result) =>
        surgeon.writer.node('Mul', [own, factor.tensor], {}, result),
      );
      scaleFusedBias(facts, surgeon, residual.branch, factor.tensor);
      controls.set(name, factor.input);
    }
  }
  return controls;
}

/** The bias of a branch that is only added where branch and residual stream meet belongs to the branch. */
function scaleFusedBias(facts: GraphFacts, surgeon: GraphSurgeon, branch: string, factor: string): void {
  for (const { node } of facts.consumers(branch)) {
    const at = FUSED_BIAS[node.opType];
    const bias = at === undefined ? '' : (node.inputs[at] ?? '');
    if (bias !== '') {
      surgeon.replaceOperand(node, at, surgeon.writer.node('Mul', [bias, factor]));
    }
  }
}

/** One for each layer whose output is a state of three axes. */
export function addLayerControls(
  facts: GraphFacts,
  surgeon: GraphSurgeon,
  structure: StackStructure,
): readonly LayerControls[] {
  return layerOutputs(structure).flatMap(({ layer, output }) => {
    if ((facts.rank(output) ?? 3) !== 3) {
      return [];
    }
    const name = `${structure.side}.layer.${layer}`;
    const select = surgeon.control(`${name}/select`, { type: 'bool', rank: 3, value: 0 });
    const values = surgeon.control(`${name}/values`, { type: 'float32', rank: 3, value: 0 });
    surgeon.interpose(output, (own, result) =>
      surgeon.writer.node('Where', [select.tensor, values.tensor, own], {}, result),
    );
    return [{ layer, select: select.input, values: values.input }];
  });
}

/** The state after each layer, as `stateNames` calls it; layers whose output has no name are left out. */
export function layerOutputs({
  subLayers,
  layers,
}: StackStructure): readonly { readonly layer: number; readonly output: string }[] {
  const last = new Map<number, SubLayer>(subLayers.map((block) => [block.layer, block]));
  return Array.from({ length: layers }, (_, layer) => ({
    layer,
    output: last.get(layer)?.output ?? '',
  })).filter(({ output }) => output !== '');
}
