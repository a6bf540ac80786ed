// The weights that views compute with besides the runtime: the embedding, W_O of attentions, the way to the logits, gains and biases of norms.
import type { Anatomy } from '../anatomy/anatomy';
import { GraphIndex } from '../onnx/graphIndex';
import type { OnnxModel } from '../onnx/model';
import { floatsOf } from '../onnx/tensorValues';
import type { LinearBlock, NormBlock } from '../shared/modelStructure';

/** A weight in float32, row-major, in memory of its own. */
export interface Weight {
  readonly dims: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** Copies, so that the file can be let go; one that stands in an external file is left out. */
export function modelWeights(model: OnnxModel, { structure }: Anatomy): ReadonlyMap<string, Weight> {
  const index = new GraphIndex(model.graph);
  const { embedding, subLayers, finalNorm, head } = structure;
  const names = [
    embedding?.weight,
    ...norm(embedding?.norm),
    ...subLayers.flatMap((block) => norm(block.norm)),
    ...subLayers.map((block) => (block.what === 'attention' ? block.projection?.weight : undefined)),
    ...norm(finalNorm),
    ...linear(head?.projection),
    ...linear(head?.transform?.dense),
    ...norm(head?.transform?.norm),
  ].filter((name): name is string => name !== undefined);
  const weights = new Map<string, Weight>();
  for (const name of new Set(names)) {
    const weight = index.constant(name);
    if (weight?.raw) {
      weights.set(name, { dims: weight.dims, data: floatsOf(weight).slice() });
    }
  }
  return weights;
}

const norm = (block: NormBlock | undefined): readonly (string | undefined)[] => [block?.gain, block?.bias];
const linear = (block: LinearBlock | undefined): readonly (string | undefined)[] => [
  block?.weight,
  block?.bias,
];
