// Adds dropout where a Transformer has it (section 5.4), as products with masks that come in as inputs: the graph draws no numbers.
import type { Anatomy } from '../anatomy/anatomy';
import type { GraphFacts } from '../anatomy/graphFacts';
import { node, value } from '../onnx/graphBuilder';
import type { GraphEdit } from '../onnx/graphEdits';
import { add, rewire } from '../onnx/graphEdits';
import { ElementType, type OnnxNode } from '../onnx/model';
import type { StackName } from './trainingStack';

/** A dimension of a mask: a number, or the batch's size or its length on one side. */
export type MaskDimension = number | 'batch' | 'length' | 'target_length';

/** A place where dropout acts. */
export interface DropoutSite {
  readonly where: 'embedding' | 'residual' | 'attention';
  /** Name of the mask's input. */
  readonly mask: string;
  readonly dims: readonly MaskDimension[];
  /** What is multiplied with the mask, and which of its readers read the product. */
  readonly tensor: string;
  readonly reads: (reader: OnnxNode) => boolean;
}

/**
 * After the sum of embeddings and positions, and on the output of every sub-layer before it is added; with `attention` also
 * on the attention weights. Tensors of a shape that is not known are left out.
 */
export function dropoutSites(
  stack: StackName,
  facts: GraphFacts,
  anatomy: Anatomy,
  { attention }: { readonly attention: boolean },
): DropoutSite[] {
  const length = stack === 'decoder' ? 'target_length' : 'length';
  const { embedding, subLayers } = anatomy.structure;
  const states = (where: DropoutSite['where'], tensor: string, reader?: string): DropoutSite[] => {
    const width = facts.numericDim(tensor, -1) ?? anatomy.width;
    const reads = (each: OnnxNode): boolean => reader === undefined || each.outputs.includes(reader);
    return facts.rank(tensor) === 3 && width > 0
      ? [{ where, mask: `dropout/${tensor}`, dims: ['batch', length, width], tensor, reads }]
      : [];
  };
  const sites = embedding?.output === undefined ? [] : states('embedding', embedding.output);
  for (const { residual } of subLayers) {
    sites.push(...(residual ? states('residual', residual.branch, residual.output) : []));
  }
  for (const { weights, heads, kind, fused } of attention ? anatomy.attentions : []) {
    if (!fused && weights.layout === 'heads' && facts.rank(weights.tensor) === 4) {
      const keys = kind === 'cross' ? 'length' : length;
      const dims = ['batch', heads, length, keys] as const;
      const { tensor } = weights;
      sites.push({ where: 'attention', mask: `dropout/${tensor}`, dims, tensor, reads: () => true });
    }
  }
  return sites;
}

/** Multiplies with the masks. Without sites the graph is not changed. */
export function addDropout(sites: readonly DropoutSite[]): GraphEdit {
  return (graph) =>
    sites.reduce((changed, { mask, dims, tensor, reads }) => {
      const product = `${mask}/product`;
      const dropped = node('Mul', [tensor, mask], [product]);
      const rewired = rewire(tensor, product, reads)(changed);
      return add({ nodes: [dropped], inputs: [value(mask, ElementType.float32, dims)] })(rewired);
    }, graph);
}
