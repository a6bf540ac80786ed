// What host and webviews are told about a loaded model, gathered from the anatomies of its stacks and from its files.
import type { AttentionSite } from '../anatomy/anatomy';
import { languagesOf } from '../models/languages';
import type { ModelConfig } from '../models/modelConfig';
import type { AttentionSummary, Family, ModelSummary, Side } from '../shared/modelSummary';
import type { TextTokenizer } from '../tokenizer/textTokenizer';
import type { Model } from './model';
import type { Stack } from './stack';

/** What is assumed where neither files nor graph set a limit. */
const DEFAULT_MAX_TOKENS = 512;
const FLOAT_BYTES = 4;

export function summaryOf(
  { id, name }: { readonly id: string; readonly name: string },
  config: ModelConfig,
  tokenizer: TextTokenizer | undefined,
  sides: Pick<Model, 'encoder' | 'decoder'>,
  parameters: number,
): ModelSummary {
  const stacks = [sides.encoder, sides.decoder].filter((stack) => stack !== undefined);
  const anatomies = stacks.map(({ anatomy }) => anatomy);
  const attentions = anatomies.flatMap((anatomy) => anatomy.attentions);
  const embedding = anatomies.find((anatomy) => anatomy.embedding)?.embedding;
  const output = anatomies.findLast((anatomy) => anatomy.output)?.output;
  return {
    id,
    name,
    family: familyOf(sides, attentions),
    layers: { encoder: layersOf(attentions, 'encoder'), decoder: layersOf(attentions, 'decoder') },
    heads: attentions[0]?.heads ?? 0,
    width: anatomies.find(({ width }) => width > 0)?.width ?? 0,
    vocabulary: output?.vocabulary ?? embedding?.vocabulary ?? 0,
    parameters,
    weightBytes: parameters * FLOAT_BYTES,
    attentions: attentions.map(attentionSummary),
    positions: anatomies.map(({ side, positions }) => ({
      side,
      kind: positions.kind,
      evidence: positions.evidence,
      ...(positions.positions > 0 && {
        table: { positions: positions.positions, dimensions: positions.dimensions },
      }),
    })),
    tied: embedding && output ? output.tied : undefined,
    languages: languagesOf(tokenizer?.languages ?? []),
    maxTokens: { encoder: limitOf(sides.encoder, config), decoder: limitOf(sides.decoder, config) },
    notFound: anatomies.flatMap(({ notFound }) => notFound),
    notes: tokenizer?.notes ?? [],
  };
}

/** A decoder with cross-attention is half of an encoder-decoder, even without its other half. */
function familyOf(
  { encoder, decoder }: Pick<Model, 'encoder' | 'decoder'>,
  attentions: readonly AttentionSite[],
): Family {
  if ((encoder && decoder) || attentions.some(({ kind }) => kind === 'cross')) {
    return 'encoder-decoder';
  }
  return decoder ? 'decoder-only' : 'encoder-only';
}

function layersOf(attentions: readonly AttentionSite[], side: Side): number {
  return attentions
    .filter(({ kind }) => (kind === 'encoderSelf') === (side === 'encoder'))
    .reduce((layers, { layer }) => Math.max(layers, layer + 1), 0);
}

/** The smallest of what the files and the table of positions allow. */
function limitOf(stack: Stack | undefined, { maxTokens }: ModelConfig): number {
  const rows = stack?.anatomy.positions.positions ?? 0;
  const limits = [maxTokens, rows > 0 ? rows : undefined].filter((limit) => limit !== undefined);
  return limits.length > 0 ? Math.min(...limits) : DEFAULT_MAX_TOKENS;
}

function attentionSummary(site: AttentionSite): AttentionSummary {
  const { name, kind, layer, heads, keyValueHeads, headSize, scale, mask, fused, weights, foundBy, node } =
    site;
  return {
    name,
    kind,
    layer,
    heads,
    keyValueHeads,
    headSize,
    scale: scale?.value,
    maskForm: fused ? 'fused' : (mask?.form ?? 'none'),
    softmax: weights.tensor,
    foundBy,
    node,
  };
}
