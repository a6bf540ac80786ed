// The facts about the attention that is shown, as the model's graph has them.
import type { AttentionSummary, ModelSummary } from '../../src/shared/modelSummary';
import { formatFactor } from '../format';
import { attentionStrings as strings, maskStrings, panelStrings } from '../strings';
import type { Fact } from './factList';

/** Kind, layer, heads, scale, mask form and node of one attention; `queries × keys` are those of this run. */
export function attentionFacts(
  model: ModelSummary,
  attention: AttentionSummary,
  queries: number,
  keys: number,
): Fact[] {
  const layers = model.attentions.filter(({ kind }) => kind === attention.kind).length;
  return [
    { name: strings.kind, value: panelStrings.kinds[attention.kind].toLowerCase() },
    { name: strings.layer, value: strings.layerOf(attention.layer + 1, layers) },
    { name: strings.headsFact, value: headsOf(attention) },
    { name: strings.sizes, value: `${queries} × ${keys}` },
    { name: strings.scale, value: scaleOf(attention) },
    { name: strings.mask, value: maskStrings.forms[attention.maskForm] },
    { name: strings.foundBy, value: attention.foundBy, title: attention.foundBy },
    { name: strings.node, value: attention.node, title: attention.node, code: true },
  ];
}

function headsOf({ heads, keyValueHeads, headSize }: AttentionSummary): string {
  const count = keyValueHeads < heads ? strings.keyHeads(heads, keyValueHeads) : String(heads);
  return headSize > 0 ? strings.headSize(count, headSize) : count;
}

/** `1/√32 = 0.1768`, or only the number where it is another one. */
function scaleOf({ scale, headSize }: AttentionSummary): string {
  if (scale === undefined) {
    return strings.scaleUnknown;
  }
  const isRoot = headSize > 0 && Math.abs(scale * Math.sqrt(headSize) - 1) < 1e-3;
  return isRoot ? `1/√${headSize} = ${formatFactor(scale)}` : formatFactor(scale);
}
