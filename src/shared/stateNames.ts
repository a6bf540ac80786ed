// Names of the states of a stack, as requests and captured files use them, and the tensors of the graph they stand for.
import type { StackStructure, SubLayer } from './modelStructure';

/**
 * `encoder.embedding.{tokens,positions,tokenTypes,output}`; for every sub-layer `NAME.{input,branch,residual,normInput,
 * normOutput,output}`, for attentions `NAME.joined` (heads side by side) and `NAME.projected`, for feed-forwards
 * `NAME.{before,gate,hidden}` (units before and after the activation; with a gate, `gate` is what is bent);
 * `encoder.layer.L` after layer L, `encoder.final` after the final norm, `decoder.logits`.
 */
export function stateNames(structure: StackStructure): ReadonlyMap<string, string> {
  const { side, embedding, subLayers, finalNorm, head } = structure;
  const names = new Map<string, string>();
  const add = (name: string, tensor: string | undefined): void => {
    if (tensor !== undefined && tensor !== '') {
      names.set(name, tensor);
    }
  };
  add(`${side}.embedding.tokens`, embedding?.tokens);
  add(`${side}.embedding.positions`, embedding?.added);
  add(`${side}.embedding.tokenTypes`, embedding?.tokenTypes);
  add(`${side}.embedding.output`, embedding?.output);
  for (const block of subLayers) {
    addSubLayer(block, add);
    // The last sub-layer of a layer has the last word.
    add(`${block.name.split('.')[0]}.layer.${block.layer}`, block.output);
  }
  add(`${side}.final`, finalNorm?.output);
  add(`${side}.logits`, head?.logits);
  return names;
}

function addSubLayer(block: SubLayer, add: (name: string, tensor: string | undefined) => void): void {
  const { name, residual, norm, output } = block;
  add(`${name}.input`, residual?.skip);
  add(`${name}.branch`, residual?.branch);
  add(`${name}.residual`, residual?.output);
  add(`${name}.normInput`, norm?.input);
  add(`${name}.normOutput`, norm?.output);
  add(`${name}.output`, output);
  if (block.what === 'attention') {
    add(`${name}.joined`, block.projection?.input);
    add(`${name}.projected`, block.projection?.output);
    return;
  }
  const [first, second] = block.up;
  add(`${name}.before`, (second ?? first)?.output);
  add(`${name}.gate`, second && first?.output);
  add(`${name}.hidden`, block.down.input);
}

/** Names of the states at the borders of layers, from the embedding on: `layers + 1` of them where all were found. */
export function layerStateNames(structure: StackStructure): readonly string[] {
  const names = stateNames(structure);
  const { side, layers } = structure;
  return [
    `${side}.embedding.output`,
    ...Array.from({ length: layers }, (_, layer) => `${side}.layer.${layer}`),
  ].filter((name) => names.has(name));
}
