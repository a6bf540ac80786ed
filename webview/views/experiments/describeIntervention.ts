// An intervention in a few words: what it does, and where.
import type {
  AttentionChoice,
  HeadChoice,
  Intervention,
  MaskChoice,
  PositionChange,
} from '../../../src/shared/intervention';
import { formatFactor } from '../../format';
import { experimentsStrings as strings } from '../../strings/experimentsStrings';

/** A line for the list: `what` above, `where` below it. */
export function describeIntervention(intervention: Intervention): {
  readonly what: string;
  readonly where: string;
} {
  const { describe } = strings;
  switch (intervention.kind) {
    case 'headGate':
      return {
        what: describe.headGate(headsOf(intervention.heads), formatFactor(intervention.factor)),
        where: attentionsOf(intervention.attentions),
      };
    case 'temperature':
      return {
        what: describe.temperature(formatFactor(intervention.temperature)),
        where: placeOf(intervention),
      };
    case 'scoreScale': {
      const { scale } = intervention;
      const value = typeof scale === 'number' ? formatFactor(scale) : strings.scales[scale];
      return { what: describe.scoreScale(value), where: placeOf(intervention) };
    }
    case 'normaliser':
      return {
        what: intervention.by === 'relu' ? describe.relu : describe.softmax,
        where: placeOf(intervention),
      };
    case 'mask':
      return { what: describe.mask(maskOf(intervention.mask)), where: placeOf(intervention) };
    case 'positions':
      return { what: describe.positions(changeOf(intervention.change)), where: intervention.side };
    case 'subLayer': {
      const [first, ...rest] = intervention.subLayers;
      const names = rest.length === 0 ? (first ?? '') : `${first} ${strings.more(rest.length)}`;
      return { what: describe.subLayer(names, formatFactor(intervention.factor)), where: '' };
    }
    case 'patch': {
      const { target, source } = intervention;
      const place =
        target.of === 'head' ? `${target.attention}[${target.head}]` : `${target.side}.${target.layer}`;
      return { what: describe.patch(place, source.text), where: '' };
    }
    default:
      return intervention satisfies never;
  }
}

function placeOf({
  attentions,
  heads,
}: {
  readonly attentions: AttentionChoice;
  readonly heads: HeadChoice;
}): string {
  return `${attentionsOf(attentions)}, ${headsOf(heads)}`;
}

function attentionsOf(choice: AttentionChoice): string {
  if (typeof choice === 'string') {
    return strings.where[choice];
  }
  return choice.length <= 2 ? choice.join(', ') : `${choice.length} attentions`;
}

function headsOf(choice: HeadChoice): string {
  return choice === 'all' ? strings.heads.all : `head ${choice.map((head) => head + 1).join(', ')}`;
}

function maskOf(mask: MaskChoice): string {
  const name = strings.masks[mask.preset];
  switch (mask.preset) {
    case 'window':
      return `${name}, ${mask.size}`;
    case 'prefix':
      return `${name}, ${mask.length}`;
    case 'cells':
      return `${mask.cells.length} ${name}`;
    case 'none':
    case 'causal':
    case 'padding':
    case 'rows':
      return name;
    default:
      return mask satisfies never;
  }
}

function changeOf(change: PositionChange): string {
  const name = strings.changes[change.to];
  switch (change.to) {
    case 'shift':
      return `${name} ${change.by}`;
    case 'shuffle':
      return `${name} ${change.seed}`;
    case 'scale':
      return `${name} ${formatFactor(change.factor)}`;
    case 'remove':
    case 'multiply':
    case 'sinusoidal':
    case 'table':
      return name;
    default:
      return change satisfies never;
  }
}
