// Numbers in written-out arithmetic: enough digits that the reader can compute the next number from them.
import { formatNumber, formatScientific } from '../format';

/** Five significant digits, at most four decimals: `17.9032`, `3.1649`, `−0.0312`, `1.23e−6`. */
export function exact(value: number): string {
  if (!Number.isFinite(value) || value === 0) {
    return value === 0 ? '0' : formatNumber(value);
  }
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) {
    return formatScientific(value, 2);
  }
  const before = Math.max(1, Math.floor(Math.log10(size)) + 1);
  const text = value.toFixed(Math.min(4, Math.max(0, 6 - before)));
  return text.replace('-', '−');
}

/** With its sign, always: `+7.22`, `−1.22`. */
export function signedNumber(value: number): string {
  const text = formatNumber(value);
  return text.startsWith('−') ? text : `+${text}`;
}
