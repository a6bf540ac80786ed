// Rates, times, sizes and changes as the view writes them.
import { formatCount, formatNumber, formatScientific } from '../format';

/** A learning rate: `2.5e−4`, `1e−3`, `0.05`, `0`. */
export function formatRate(rate: number): string {
  if (rate === 0) {
    return '0';
  }
  if (!Number.isFinite(rate) || Math.abs(rate) >= 0.01) {
    return Number.isFinite(rate) ? String(Number(rate.toPrecision(3))).replace('-', '−') : formatNumber(rate);
  }
  const [digits, power] = formatScientific(rate, 1).split('e');
  return `${digits.replace(/\.0$/, '')}e${power}`;
}

/** A value on an axis of losses: `3`, `20,000`, and of a training that explodes `2e5`, for longer ones do not fit. */
export function formatLossTick(value: number): string {
  return Math.abs(value) < 100_000 ? formatTick(value) : formatScientific(value);
}

/** A value of any size: `3`, `0.5`, `0.001`, `1e−4`, `20,000`. */
export function formatTick(value: number): string {
  return value !== 0 && Math.abs(value) < 0.001
    ? formatScientific(value)
    : value.toLocaleString('en-US', { maximumFractionDigits: 6 }).replace('-', '−');
}

/** Time to wait: `45 s`, `1 min 12 s`, `2 h 5 min`. */
export function formatLeft(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) {
    return `${seconds} s`;
  }
  if (seconds < 3600) {
    const rest = seconds % 60;
    return `${Math.floor(seconds / 60)} min${rest === 0 ? '' : ` ${rest} s`}`;
  }
  const minutes = Math.round(seconds / 60);
  const rest = minutes % 60;
  return `${formatCount(Math.floor(minutes / 60))} h${rest === 0 ? '' : ` ${rest} min`}`;
}

/** A number of weights: `812`, `49,152`, `0.4 M`, `61.2 M`. */
export function formatWeightCount(count: number): string {
  return count < 1e5 ? formatCount(count) : `${(count / 1e6).toFixed(1)} M`;
}

/** With its sign: `+21.2`, `−2.25`; what rounds to nothing is `0.00`. */
export function formatChange(change: number, decimals: number): string {
  if (!Number.isFinite(change)) {
    return formatNumber(change);
  }
  const size = Math.abs(change).toFixed(decimals);
  return Number(size) === 0 ? size : `${change < 0 ? '−' : '+'}${size}`;
}
