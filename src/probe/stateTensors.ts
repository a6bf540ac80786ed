// Which tensors of the structure, beyond those of attentions, can be looked at.
import type { NormBlock, StackStructure, SubLayer } from '../shared/modelStructure';

/** Every state by its tensor's name, each once: embeddings, norms, residuals, hidden units, projections, logits. */
export function stateTensors({ embedding, subLayers, finalNorm, head }: StackStructure): readonly string[] {
  const names = [
    embedding?.tokens,
    embedding?.added,
    embedding?.tokenTypes,
    embedding?.output,
    ...normTensors(embedding?.norm),
    ...subLayers.flatMap(subLayerTensors),
    ...normTensors(finalNorm),
    head?.states,
    head?.transform?.dense.output,
    ...normTensors(head?.transform?.norm),
    head?.logits,
  ];
  return [...new Set(names.filter((name): name is string => name !== undefined && name !== ''))];
}

function subLayerTensors(block: SubLayer): readonly (string | undefined)[] {
  const own =
    block.what === 'attention'
      ? [block.projection?.input, block.projection?.output]
      : [...block.up.map(({ output }) => output), block.down.input, block.down.output];
  const { residual, norm, output } = block;
  return [...own, residual?.skip, residual?.branch, residual?.output, ...normTensors(norm), output];
}

const normTensors = (norm: NormBlock | undefined): readonly (string | undefined)[] => [
  norm?.input,
  norm?.output,
];
