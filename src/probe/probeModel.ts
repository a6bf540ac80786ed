// Declares the stages of every attention as outputs of the graph, by appending to the file; results do not change.
import type { Anatomy, AttentionSite, SiteTensor } from '../anatomy/anatomy';
import { appendToGraph } from '../onnx/appendToGraph';
import { node, untyped } from '../onnx/graphBuilder';
import { GraphIndex } from '../onnx/graphIndex';
import type { OnnxModel, OnnxNode, ValueInfo } from '../onnx/model';
import { GraphFacts } from '../anatomy/graphFacts';
import { plainScores } from '../anatomy/plainScores';
import { fusedStages } from './fusedStages';
import { maskSteps } from './maskSteps';
import { stateTensors } from './stateTensors';
import type { NodeWriter } from './nodeWriter';
import type { Probed, Tap, TapRole } from './probe';

/** All roles, in the order of the stages. */
export const TAP_ROLES: readonly TapRole[] = [
  'weights',
  'scores',
  'scaled',
  'masked',
  'mask',
  'bias',
  'query',
  'key',
  'value',
  'context',
];

/**
 * The model with taps for the roles in `wanted` (all when left out). A stage that is already an output is reused; one
 * that is an input or a constant passes through an Identity, because such names cannot be outputs.
 *
 * @throws UserError `modelTooLarge`
 */
export function probe(model: OnnxModel, anatomy: Anatomy, wanted: readonly TapRole[] = TAP_ROLES): Probed {
  const outputs = new TapOutputs(model);
  const stages = stagesBesideFused(model, anatomy);
  stages.forEach((writer) => outputs.willHave(writer.nodes));
  const taps = anatomy.attentions.flatMap((site) =>
    wanted.flatMap((role): Tap[] =>
      tensorsOf(site, role).map(({ tensor, layout, factor = 1 }) => ({
        attention: site.name,
        role,
        output: outputs.declare(tensor),
        layout,
        ...(factor === 1 ? {} : { factor }),
      })),
    ),
  );
  const states = new Map(
    stateTensors(anatomy.structure).map((tensor) => [tensor, outputs.declare(tensor)] as const),
  );
  return {
    bytes: appendToGraph(model, {
      nodes: [...stages.flatMap((writer) => writer.nodes), ...outputs.nodes],
      initializers: stages.flatMap((writer) => writer.initializers),
      outputs: outputs.values,
    }),
    taps,
    sites: anatomy.attentions,
    states,
  };
}

/** The calculations that show what happens inside fused operators. */
function stagesBesideFused(model: OnnxModel, { attentions }: Anatomy): readonly NodeWriter[] {
  if (!attentions.some((site) => site.fused)) {
    return [];
  }
  const facts = new GraphFacts(model);
  return attentions.map((site) => fusedStages(facts, site)).filter((writer) => writer !== undefined);
}

/** The tensors that show a role; several only for masks that act in several steps. */
function tensorsOf(site: AttentionSite, role: TapRole): readonly SiteTensor[] {
  switch (role) {
    case 'scores':
      return one(plainScores(site));
    case 'mask':
      return maskSteps(site).map(({ tensor, layout }) => ({ tensor, layout }));
    case 'bias':
      return one(site.bias && { tensor: site.bias.tensor, layout: site.bias.layout });
    case 'weights':
    case 'scaled':
    case 'masked':
    case 'query':
    case 'key':
    case 'value':
    case 'context':
      return one(site[role]);
    default:
      return role satisfies never;
  }
}

const one = <T>(item: T | undefined): readonly T[] => (item === undefined ? [] : [item]);

/** Outputs to be appended; each tensor once. */
class TapOutputs {
  readonly nodes: OnnxNode[] = [];
  readonly values: ValueInfo[] = [];
  readonly #names = new Map<string, string>();
  readonly #added = new Set<string>();
  readonly #index: GraphIndex;

  constructor(model: OnnxModel) {
    this.#index = new GraphIndex(model.graph);
  }

  /** Nodes that are appended, too: their results can be outputs. */
  willHave(nodes: readonly OnnxNode[]): void {
    nodes.forEach((added) => added.outputs.forEach((name) => this.#added.add(name)));
  }

  /** Name of the output that shows the tensor. */
  declare(tensor: string): string {
    const known = this.#names.get(tensor);
    if (known !== undefined) {
      return known;
    }
    const name = this.#output(tensor);
    this.#names.set(tensor, name);
    return name;
  }

  #output(tensor: string): string {
    if (this.#index.isOutput(tensor)) {
      return tensor;
    }
    if (this.#index.producer(tensor) || this.#added.has(tensor)) {
      this.values.push(untyped(tensor));
      return tensor;
    }
    const name = this.#free(`${tensor}/tap`);
    this.nodes.push(node('Identity', [tensor], [name]));
    this.values.push(untyped(name));
    return name;
  }

  #free(name: string): string {
    let free = name;
    for (let i = 1; this.#index.has(free); i++) {
      free = `${name}${i}`;
    }
    return free;
  }
}
