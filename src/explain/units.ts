// Hidden units of a feed-forward: how many are silent, and which speak loudest.
import type { TokenUnits } from '../shared/insight';
import type { Matrix } from '../shared/tensor';
import { rowOf } from '../shared/tensor';

/** One entry for each row of `[token, d_ff]`. */
export function hiddenUnits(hidden: Matrix, count: number): readonly TokenUnits[] {
  return Array.from({ length: hidden.rows }, (_, row) => {
    const units = rowOf(hidden, row);
    const order = Array.from(units.keys()).sort((a, b) => Math.abs(units[b]) - Math.abs(units[a]) || a - b);
    const zeros = units.reduce((sum, value) => sum + (value === 0 ? 1 : 0), 0) / Math.max(1, units.length);
    return { zeros, strongest: order.slice(0, count).map((unit) => ({ unit, value: units[unit] })) };
  });
}
