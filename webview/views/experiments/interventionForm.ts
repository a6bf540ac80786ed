// What the form for a new intervention is filled with, and the intervention that comes of it. Pure.
import type {
  AttentionChoice,
  HeadChoice,
  Intervention,
  MaskChoice,
  PositionChange,
} from '../../../src/shared/intervention';

/** What the form offers; edited cells, rows and tables of numbers come from elsewhere. */
export type Kind =
  'headGate' | 'temperature' | 'scoreScale' | 'normaliser' | 'mask' | 'positions' | 'subLayer' | 'patch';

/** What the form is filled with. */
export interface FormState {
  readonly kind: Kind;
  readonly where: string;
  readonly heads: string;
  readonly scale: string;
  readonly mask: string;
  readonly change: string;
  readonly side: string;
  readonly subLayer: string;
  readonly layer: string;
  readonly amount: string;
  readonly text: string;
}

/** The head that the other views show: what `shown` stands for. */
export interface ShownHead {
  readonly attention: string;
  readonly head: number;
}

/** The fields that this kind of intervention has. */
export function fieldsOf({ kind, change, mask }: FormState): ReadonlySet<keyof FormState> {
  const onHeads = ['kind', 'where', 'heads'] as const;
  switch (kind) {
    case 'headGate':
    case 'temperature':
      return new Set([...onHeads, 'amount']);
    case 'scoreScale':
      return new Set([...onHeads, 'scale']);
    case 'normaliser':
      return new Set(onHeads);
    case 'mask':
      return new Set([
        ...onHeads,
        'mask',
        ...(['window', 'prefix'].includes(mask) ? (['amount'] as const) : []),
      ]);
    case 'positions':
      return new Set([
        'kind',
        'side',
        'change',
        ...(['shift', 'shuffle', 'scale'].includes(change) ? (['amount'] as const) : []),
      ]);
    case 'subLayer':
      return new Set(['kind', 'subLayer', 'amount']);
    case 'patch':
      return new Set(['kind', 'layer', 'text']);
    default:
      return kind satisfies never;
  }
}

/** The intervention that the form describes; undefined while something is missing or no number. */
export function interventionOf(state: FormState, shown: ShownHead): Intervention | undefined {
  const enabled = true;
  const attentions: AttentionChoice =
    state.where === 'shown'
      ? [shown.attention]
      : (state.where as Exclude<AttentionChoice, readonly string[]>);
  const heads: HeadChoice = state.heads === 'shown' ? [shown.head] : 'all';
  const amount = state.amount.trim() === '' ? NaN : Number(state.amount);
  const isNumber = Number.isFinite(amount);
  switch (state.kind) {
    case 'headGate':
      return isNumber ? { kind: 'headGate', enabled, attentions, heads, factor: amount } : undefined;
    case 'temperature':
      return amount > 0
        ? { kind: 'temperature', enabled, attentions, heads, temperature: amount }
        : undefined;
    case 'scoreScale':
      return {
        kind: 'scoreScale',
        enabled,
        attentions,
        heads,
        scale: state.scale as 'none' | 'sqrt' | 'twiceSqrt' | 'full',
      };
    case 'normaliser':
      return { kind: 'normaliser', enabled, attentions, heads, by: 'relu' };
    case 'mask': {
      const mask = maskOf(state.mask, amount);
      return mask && { kind: 'mask', enabled, attentions, heads, texts: 'all', mask };
    }
    case 'positions': {
      const change = changeOf(state.change, amount);
      return (
        change && {
          kind: 'positions',
          enabled,
          side: state.side === 'decoder' ? 'decoder' : 'encoder',
          change,
        }
      );
    }
    case 'subLayer':
      return isNumber && state.subLayer !== ''
        ? { kind: 'subLayer', enabled, subLayers: [state.subLayer], factor: amount }
        : undefined;
    case 'patch': {
      const [side, layer] = state.layer.split('.');
      return state.text.trim() === '' || layer === undefined
        ? undefined
        : {
            kind: 'patch',
            enabled,
            target: { of: 'layer', side: side === 'decoder' ? 'decoder' : 'encoder', layer: Number(layer) },
            source: { text: state.text },
            texts: 'all',
          };
    }
    default:
      return state.kind satisfies never;
  }
}

function maskOf(preset: string, amount: number): MaskChoice | undefined {
  const whole = Number.isInteger(amount) && amount >= 0;
  switch (preset) {
    case 'none':
    case 'causal':
    case 'padding':
      return { preset };
    case 'prefix':
      return whole ? { preset, length: amount } : undefined;
    case 'window':
      return whole ? { preset, size: amount } : undefined;
    default:
      return undefined;
  }
}

function changeOf(to: string, amount: number): PositionChange | undefined {
  switch (to) {
    case 'remove':
    case 'multiply':
    case 'sinusoidal':
      return { to };
    case 'shift':
      return Number.isInteger(amount) ? { to, by: amount } : undefined;
    case 'shuffle':
      return Number.isInteger(amount) && amount >= 0 ? { to, seed: amount } : undefined;
    case 'scale':
      return Number.isFinite(amount) ? { to, factor: amount } : undefined;
    default:
      return undefined;
  }
}
