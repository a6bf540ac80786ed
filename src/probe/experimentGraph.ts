// Edits a graph once for all experiments: adds every control that the anatomy shows a place for, at rest.
import type { Anatomy, AttentionSite } from '../anatomy/anatomy';
import { GraphFacts } from '../anatomy/graphFacts';
import { editModel } from '../onnx/editModel';
import { ElementType, type OnnxModel } from '../onnx/model';
import type { StackStructure } from '../shared/modelStructure';
import type { BiasControls, Experiment, SiteControls } from './experiment';
import { spellOut } from './fusedContext';
import { GraphSurgeon } from './graphSurgeon';
import { addLayerControls, addSubLayerControls } from './layerControls';
import { addPositionControls } from './positionControls';
import { addSiteControls } from './siteControls';

const FLOATS: readonly number[] = [ElementType.float32, ElementType.float16, ElementType.float64];

/**
 * The model with controls. At their neutral values every result is the same to the last bit; where an attention was a fused
 * operator, it is now taken from the recomputed stages, which differ by rounding.
 *
 * @throws UserError `modelTooLarge`
 */
export function experimentGraph(model: OnnxModel, anatomy: Anatomy): Experiment {
  const spelled = spellOut(new GraphFacts(model), anatomy.attentions);
  const facts = new GraphFacts(spelled.model);
  const surgeon = new GraphSurgeon(facts, activationType(facts, spelled.sites));
  const positions = addPositionControls(facts, surgeon, anatomy, spelled.sites);
  const bias = addBiasControls(surgeon, spelled.sites);
  const subLayers = addSubLayerControls(facts, surgeon, anatomy.structure);
  const layers = addLayerControls(facts, surgeon, anatomy.structure);
  const controls: SiteControls[] = [];
  const attentions = bias.sites.map((site) => {
    const edited = addSiteControls(facts, surgeon, site);
    if (edited) {
      controls.push(edited.controls);
    }
    return edited?.site ?? site;
  });
  return {
    model: editModel(spelled.model, [() => surgeon.finish()]),
    anatomy: { ...anatomy, attentions, structure: withAdded(anatomy.structure, positions?.added) },
    controls: {
      side: anatomy.side,
      sites: controls,
      positions: positions?.controls ?? bias.controls,
      subLayers,
      layers,
      neutral: surgeon.neutral,
    },
  };
}

/** Shows the positions that are really added, where the graph showed those that were looked up. */
function withAdded(structure: StackStructure, added: string | undefined): StackStructure {
  const { embedding } = structure;
  return embedding?.added !== undefined && added !== undefined
    ? { ...structure, embedding: { ...embedding, added } }
    : structure;
}

/** Activations have one type throughout; that of the first scores. */
function activationType(facts: GraphFacts, [site]: readonly AttentionSite[]): number {
  const type = site && facts.elementType(site.weights.tensor);
  return type !== undefined && FLOATS.includes(type) ? type : ElementType.float32;
}

/** A factor on every tensor of distances that is added to scores; attentions often share one. */
function addBiasControls(
  surgeon: GraphSurgeon,
  sites: readonly AttentionSite[],
): { readonly sites: readonly AttentionSite[]; readonly controls: BiasControls | undefined } {
  const factors: string[] = [];
  const results = new Map<string, string>();
  for (const { name, bias } of sites) {
    if (bias && !results.has(bias.tensor)) {
      const factor = surgeon.control(`${name}/bias`, { type: 'float32', rank: 0, value: 1 });
      const { result } = surgeon.interpose(bias.tensor, (own, to) =>
        surgeon.writer.node('Mul', [own, factor.tensor], {}, to),
      );
      results.set(bias.tensor, result);
      factors.push(factor.input);
    }
  }
  return {
    sites: sites.map((site) =>
      site.bias
        ? { ...site, bias: { ...site.bias, tensor: results.get(site.bias.tensor) ?? site.bias.tensor } }
        : site,
    ),
    controls: factors.length > 0 ? { kind: 'bias', factors } : undefined,
  };
}
