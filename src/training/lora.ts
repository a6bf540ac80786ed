// Low-rank adaptation (Hu et al. 2021): x·W becomes x·W + (α ÷ r)·x·A·B beside the chosen projections of a graph.
import type { GraphFacts } from '../anatomy/graphFacts';
import { linearAt, nearestLinears } from '../anatomy/linear';
import { intAttribute } from '../anatomy/symbolic/attributes';
import type { AttentionSite, Anatomy } from '../anatomy/anatomy';
import { floatTensor, node, value } from '../onnx/graphBuilder';
import type { GraphEdit } from '../onnx/graphEdits';
import { add, rewire } from '../onnx/graphEdits';
import { ElementType, type OnnxNode } from '../onnx/model';
import type { LinearBlock } from '../shared/modelStructure';
import type { Generator } from './generator';
import { moduleName } from './moduleName';
import type { StackName } from './trainingStack';

/** Which projections: of attentions W_Q, W_K, W_V and W_O, and both of a feed-forward. */
export type LoraTarget = 'query' | 'key' | 'value' | 'output' | 'feedForward';

export interface LoraOptions {
  /** r */
  readonly rank: number;
  /** α */
  readonly alpha: number;
  readonly targets: readonly LoraTarget[];
}

/** One adapted weight. */
export interface LoraSite {
  readonly stack: StackName;
  /** The initializer that is adapted; it lies as `[out, in]` when `transposed`. */
  readonly weight: string;
  readonly transposed: boolean;
  readonly inputs: number;
  readonly outputs: number;
  /** Name of the module in PyTorch, such as `model.encoder.layers.0.self_attn.q_proj`. */
  readonly module: string;
  /** Names of the inputs A `[in, r]` and B `[r, out]` that the edit adds. */
  readonly a: string;
  readonly b: string;
  /** Results of the products that read the weight. */
  readonly products: readonly string[];
}

/**
 * The projections to adapt, each weight once. A projection that makes queries, keys and values in one is adapted when any
 * of them is asked for.
 */
export function loraSites(
  stack: StackName,
  facts: GraphFacts,
  anatomy: Anatomy,
  targets: readonly LoraTarget[],
): LoraSite[] {
  const chosen = new Map<string, LinearBlock>();
  const choose = (target: LoraTarget, blocks: readonly (LinearBlock | undefined)[]): void => {
    for (const block of targets.includes(target) ? blocks : []) {
      if (block) {
        chosen.set(block.weight, block);
      }
    }
  };
  for (const site of anatomy.attentions) {
    for (const role of ['query', 'key', 'value'] as const) {
      choose(role, madeBy(facts, site, role));
    }
  }
  for (const block of anatomy.structure.subLayers) {
    if (block.what === 'attention') {
      choose('output', [block.projection]);
    } else {
      choose('feedForward', [...block.up, block.down]);
    }
  }
  const readers = productsByWeight(facts);
  return [...chosen.values()].flatMap((block): LoraSite[] => {
    const nodes = readers.get(block.weight) ?? [];
    if (nodes.length === 0) {
      return [];
    }
    const module = moduleName(block.weight, block.bias, nodes[0].name);
    const { weight, transposed, inputs, outputs } = block;
    const products = nodes.map((each) => each.outputs[0]);
    const matrices = { a: `lora_A/${module}`, b: `lora_B/${module}` };
    return [{ stack, weight, transposed, inputs, outputs, module, ...matrices, products }];
  });
}

function madeBy(
  facts: GraphFacts,
  site: AttentionSite,
  role: 'query' | 'key' | 'value',
): readonly LinearBlock[] {
  const tensor = site[role]?.tensor;
  return tensor === undefined ? [] : nearestLinears(facts, tensor);
}

/** Plain products with each weight: a Gemm that scales its product or turns its first operand is none. */
function productsByWeight(facts: GraphFacts): ReadonlyMap<string, readonly OnnxNode[]> {
  const found = new Map<string, OnnxNode[]>();
  for (const each of facts.order) {
    const alpha = each.attributes['alpha'];
    const isScaled = alpha?.type === 'float' && alpha.value !== 1;
    const block = linearAt(facts, each);
    if (block && !isScaled && (intAttribute(each, 'transA') ?? 0) === 0) {
      found.set(block.weight, [...(found.get(block.weight) ?? []), each]);
    }
  }
  return found;
}

/** Adds inputs A and B and the nodes that use them. With B = 0 the graph computes exactly what it did. */
export function addLora(sites: readonly LoraSite[], { rank, alpha }: LoraOptions): GraphEdit {
  const scale = 'lora/scale';
  return (graph) => {
    const edits = sites.flatMap(({ a, b, inputs, outputs, products }) => [
      add({
        inputs: [
          value(a, ElementType.float32, [inputs, rank]),
          value(b, ElementType.float32, [rank, outputs]),
        ],
      }),
      ...products.map((product) => beside(product, a, b, scale)),
    ]);
    const constants = add({ initializers: [floatTensor(scale, [], [alpha / rank])] });
    return (sites.length > 0 ? [constants, ...edits] : []).reduce((changed, edit) => edit(changed), graph);
  };
}

function beside(product: string, a: string, b: string, scale: string): GraphEdit {
  return (graph) => {
    const maker = graph.nodes.find(({ outputs }) => outputs[0] === product);
    if (!maker) {
      throw new RangeError(`No node makes "${product}".`);
    }
    const at = (part: string): string => `${product}/lora_${part}`;
    const nodes = [
      node('MatMul', [maker.inputs[0], a], [at('down')]),
      node('Mul', [at('down'), scale], [at('scaled')]),
      node('MatMul', [at('scaled'), b], [at('up')]),
      node('Add', [product, at('up')], [at('sum')]),
    ];
    return add({ nodes })(rewire(product, at('sum'))(graph));
  };
}

/** A uniform in ±1 ÷ √in (Kaiming with a = √5, as `peft` starts it), B zero; by the names of the inputs. */
export function initialLora(
  sites: readonly LoraSite[],
  rank: number,
  generator: Generator,
): Map<string, Float32Array<ArrayBuffer>> {
  const matrices = new Map<string, Float32Array<ArrayBuffer>>();
  for (const { a, b, inputs, outputs } of sites) {
    const down = new Float32Array(inputs * rank);
    generator.fillUniform(down, -1 / Math.sqrt(inputs), 1 / Math.sqrt(inputs));
    matrices.set(a, down);
    matrices.set(b, new Float32Array(rank * outputs));
  }
  return matrices;
}

/** W + (α ÷ r)·A·B in the layout in which the file has W; a new array. */
export function mergeLora(
  weight: Float32Array,
  { inputs, outputs, transposed }: LoraSite,
  { rank, alpha }: Pick<LoraOptions, 'rank' | 'alpha'>,
  a: Float32Array,
  b: Float32Array,
): Float32Array<ArrayBuffer> {
  const merged = Float32Array.from(weight);
  const scale = alpha / rank;
  const row = new Float64Array(outputs);
  for (let i = 0; i < inputs; i++) {
    row.fill(0);
    for (let k = 0; k < rank; k++) {
      const factor = scale * a[i * rank + k];
      for (let j = 0; j < outputs; j++) {
        row[j] += factor * b[k * outputs + j];
      }
    }
    for (let j = 0; j < outputs; j++) {
      const at = transposed ? j * inputs + i : i * outputs + j;
      merged[at] = weight[at] + row[j];
    }
  }
  return merged;
}
