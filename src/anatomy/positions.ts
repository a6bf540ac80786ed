// How a stack knows about order: a table added to the embedding, a rotation of queries and keys, or a bias on the scores.
import { floatsOf } from '../onnx/tensorValues';
import type { AttentionSite, PositionSite } from './anatomy';
import { findAddedPositions, type AddedPositions } from './addedPositions';
import type { LookUp } from './embedding';
import type { GraphFacts } from './graphFacts';
import { FLOATS } from './parameters';
import { findRotary } from './rotary';
import { matchSinusoid, type SinusoidMatch } from './sinusoid';
import { numbersOf } from './symbolic/value';
import type { Trial } from './trial';

const NOTHING = {
  tensor: undefined,
  constant: false,
  offset: 0,
  positions: 0,
  dimensions: 0,
  layout: undefined,
  formulaError: undefined,
  frequencies: undefined,
} as const;

export function findPositions(
  facts: GraphFacts,
  trial: Trial,
  lookUps: readonly LookUp[],
  attentions: readonly AttentionSite[],
): PositionSite {
  const added = findAddedPositions(facts, trial, lookUps, attentions);
  if (added) {
    return describeAdded(facts, trial, added);
  }
  const tokens = new Set(lookUps.flatMap(({ by }) => (by.what === 'tokens' ? by.inputs : [])));
  const rotary = findRotary(facts, trial, tokens, attentions);
  if (rotary) {
    return rotary;
  }
  const biased = attentions.find((site) => site.bias);
  if (biased?.bias) {
    const { kind, tensor } = biased.bias;
    const where = `"${tensor}" is added to the scores`;
    const evidence =
      kind === 'alibi'
        ? `${where} and grows in proportion to the distance of query and key, with a slope per head (ALiBi).`
        : `${where} and depends on the distance of query and key only, looked up in a learned table per head.`;
    return { ...NOTHING, kind, evidence, tensor };
  }
  return {
    ...NOTHING,
    kind: 'none',
    evidence:
      'No table is added to the embedding, queries and keys are not rotated, and the scores have no position bias.',
  };
}

function describeAdded(facts: GraphFacts, trial: Trial, added: AddedPositions): PositionSite {
  const { tensor, rows, width, offset, how } = added;
  const weight = facts.weight(tensor);
  const numbers =
    weight?.raw && FLOATS.has(weight.elementType)
      ? floatsOf(weight)
      : added.computed
        ? numbersOf(trial.value(tensor))
        : undefined;
  const shown = numbers?.slice(offset * width, (offset + rows) * width);
  const match =
    shown && shown.length >= width ? matchSinusoid(shown, shown.length / width, width, offset) : undefined;
  const name = weight?.name ?? tensor;
  const base = {
    ...NOTHING,
    tensor: name,
    constant: weight !== undefined,
    offset,
    positions: added.computed ? 0 : rows,
    dimensions: width,
  };
  if (match) {
    return {
      ...base,
      kind: 'sinusoidal',
      evidence: `"${name}" ${how} and follows the sinusoid formula${variantOf(match)}.`,
      layout: match.layout,
      formulaError: match.error,
    };
  }
  return {
    ...base,
    kind: added.computed && /sinus/.test(how) ? 'sinusoidal' : 'learned',
    evidence: `"${name}" ${how}${offset > 0 ? `, from row ${offset} on` : ''}.`,
  };
}

function variantOf({ layout, exponent, firstPosition }: SinusoidMatch): string {
  const order = layout === 'interleaved' ? 'sines and cosines alternating' : 'sines first, then cosines';
  const steps = exponent === 'paper' ? '' : ', wavelengths spaced so that the last is exactly 2π·10000';
  const start = firstPosition === 0 ? '' : `, the first row standing for position ${firstPosition}`;
  return `, ${order}${steps}${start}`;
}
