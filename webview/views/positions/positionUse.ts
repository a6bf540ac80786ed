// Which rows of the table the text reads under a change, and what happens to them, in a sentence. Pure.
import type { PositionChange } from '../../../src/shared/intervention';
import { shuffled } from '../../../src/shared/shuffle';
import { positionStrings } from '../../strings';
import { positionBenchStrings as strings } from '../../strings/positionBenchStrings';
import { formatFactor } from '../../format';

export interface PositionUse {
  /** Rows `[first, end)` of the table that the tokens read; none when both are equal. */
  readonly first: number;
  readonly end: number;
  readonly text: string;
}

/** Tokens whose new place is named. */
const named = 3;

/**
 * @param count Tokens of the text.
 * @param rows Rows that are drawn.
 * @param available Rows of the model's table; 0 where it has none.
 */
export function positionUse(
  change: PositionChange | undefined,
  count: number,
  rows: number,
  available: number,
): PositionUse {
  const whole = { first: 0, end: count };
  switch (change?.to) {
    case undefined: {
      const used = count < rows ? positionStrings.used : positionStrings.usedAll;
      return { ...whole, text: used(positionStrings.rows(count)) };
    }
    case 'remove':
      return { first: 0, end: 0, text: strings.use.remove };
    case 'shift': {
      const [low, high] = [change.by, change.by + count - 1];
      const last = available > 0 ? available - 1 : Infinity;
      const clamp = (row: number) => Math.min(last, Math.max(available > 0 ? 0 : -Infinity, row));
      const text =
        clamp(low) === low && clamp(high) === high
          ? strings.use.shift(change.by, low, high)
          : strings.use.shiftBeyond(change.by, clamp(low), clamp(high));
      return { first: Math.max(0, clamp(low)), end: Math.max(0, clamp(high) + 1), text };
    }
    case 'shuffle': {
      const order = shuffled(change.among ?? count, change.seed);
      const moves = order.slice(0, named).map((row, token) => strings.use.move(token, row));
      return { ...whole, text: strings.use.shuffle(change.seed, moves.join(', ')) };
    }
    case 'scale':
      return { ...whole, text: strings.use.scale(formatFactor(change.factor)) };
    case 'multiply':
      return { ...whole, text: strings.use.multiply };
    case 'sinusoidal':
      return { ...whole, text: strings.use.sinusoidal };
    case 'table':
      return { ...whole, text: strings.use.table };
    default:
      return change satisfies never;
  }
}
