// What the positions bench offers for one side of a model, why the rest is not possible, and how it stands in the list. Pure.
import type { Intervention, PositionChange, PositionEdit } from '../../../src/shared/intervention';
import type { Side } from '../../../src/shared/modelSummary';
import type { Positions } from '../../../src/shared/trace';
import { positionBenchStrings as strings } from '../../strings/positionBenchStrings';

export const modes = ['own', 'remove', 'shift', 'shuffle', 'scale', 'multiply', 'replace'] as const;
export type Mode = (typeof modes)[number];

/** Other kinds of positions. `random`: a table of random rows, as a learned one is before training. */
export const replacements = ['sinusoidal', 'random', 'rotary'] as const;
export type Replacement = (typeof replacements)[number];

/** Largest difference from the formula that still counts as the formula. */
const FORMULA = 1e-4;

/** Why a replacement cannot be taken; undefined where it can. */
export function whyNotReplace(
  replacement: Replacement,
  { kind, layout, formulaError }: Pick<Positions, 'kind' | 'layout' | 'formulaError'>,
  can: readonly PositionChange['to'][],
): string | undefined {
  if (kind === 'none') {
    return strings.why.none;
  }
  if (replacement === 'rotary') {
    return kind === 'rotary' ? strings.why.alreadyRotary : strings.why.noRotation;
  }
  if (!can.includes(replacement === 'random' ? 'table' : 'sinusoidal')) {
    return strings.why.notAdded[kind];
  }
  const isOwn =
    kind === 'sinusoidal' && layout === 'interleaved' && formulaError !== undefined && formulaError < FORMULA;
  return replacement === 'sinusoidal' && isOwn ? strings.why.alreadySinusoidal : undefined;
}

/** Why a mode cannot be taken; undefined where it can. */
export function whyNot(
  mode: Mode,
  positions: Pick<Positions, 'kind' | 'layout' | 'formulaError'>,
  can: readonly PositionChange['to'][],
): string | undefined {
  const { kind } = positions;
  if (mode === 'own') {
    return undefined;
  }
  if (kind === 'none') {
    return strings.why.none;
  }
  if (mode === 'replace') {
    const reasons = replacements.map((each) => whyNotReplace(each, positions, can));
    return reasons.every((reason) => reason !== undefined) ? reasons[0] : undefined;
  }
  if (can.includes(mode)) {
    return undefined;
  }
  if (mode === 'multiply') {
    return kind === 'rotary' || kind === 'relative' || kind === 'alibi'
      ? strings.why.notAdded[kind]
      : strings.why.noRows;
  }
  return kind === 'relative' || kind === 'alibi' ? strings.why.onlyDistances : strings.why.noRows;
}

/** The mode that a change belongs to. */
export function modeOf(change: PositionChange | undefined): Mode {
  switch (change?.to) {
    case undefined:
      return 'own';
    case 'sinusoidal':
    case 'table':
      return 'replace';
    case 'remove':
    case 'shift':
    case 'shuffle':
    case 'scale':
    case 'multiply':
      return change.to;
    default:
      return change satisfies never;
  }
}

/** The number that a mode has, if any. */
export function amountOf(change: PositionChange | undefined): number | undefined {
  switch (change?.to) {
    case 'shift':
      return change.by;
    case 'shuffle':
      return change.seed;
    case 'scale':
      return change.factor;
    case undefined:
    case 'remove':
    case 'multiply':
    case 'sinusoidal':
    case 'table':
      return undefined;
    default:
      return change satisfies never;
  }
}

/** Undefined where the number is none, or out of range. */
export function changeOf(mode: 'shift' | 'shuffle' | 'scale', amount: number): PositionChange | undefined {
  switch (mode) {
    case 'shift':
      return Number.isInteger(amount) ? { to: 'shift', by: amount } : undefined;
    case 'shuffle':
      return Number.isInteger(amount) && amount >= 0 ? { to: 'shuffle', seed: amount } : undefined;
    case 'scale':
      return Number.isFinite(amount) ? { to: 'scale', factor: amount } : undefined;
    default:
      return mode satisfies never;
  }
}

/** The bench's own entry of the list: the last one for this side. */
export function positionEditIn(list: readonly Intervention[], side: Side): PositionEdit | undefined {
  return list.filter((each) => isOn(each, side)).at(-1);
}

/** How many other position changes of the list act on this side. */
export function otherPositionEdits(list: readonly Intervention[], side: Side): number {
  const own = list.findLastIndex((each) => isOn(each, side));
  return list.filter((each, at) => isOn(each, side) && at !== own && each.enabled).length;
}

/** The list with another change for this side, in the place of the one before; undefined takes it away. */
export function withPositionChange(
  list: readonly Intervention[],
  side: Side,
  change: PositionChange | undefined,
): readonly Intervention[] {
  const own = list.findLastIndex((each) => isOn(each, side));
  const made: readonly Intervention[] = change ? [{ kind: 'positions', enabled: true, side, change }] : [];
  return own < 0 ? [...list, ...made] : list.toSpliced(own, 1, ...made);
}

function isOn(each: Intervention, side: Side): each is PositionEdit {
  return each.kind === 'positions' && each.side === side;
}
