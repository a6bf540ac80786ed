// Numbers and tokens as the product writes them: weights with 3 decimals, other numbers with 2, a real minus sign.

const minus = '−';
const infinity = '∞';

function signed(text: string): string {
  return text.startsWith('-') ? minus + text.slice(1) : text;
}

function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  // No minus in front of a number that is written as zero.
  return signed(Number(text) === 0 ? text.replace('-', '') : text);
}

/** An attention weight, e.g. `0.787`. */
export function formatWeight(weight: number): string {
  return fixed(weight, 3);
}

/** Any other number, e.g. `−28.56`, `−∞` or, where 2 decimals would say nothing, `−3.40e38`. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) {
    return 'NaN';
  }
  if (!Number.isFinite(value)) {
    return value < 0 ? minus + infinity : infinity;
  }
  return Math.abs(value) >= 1e6 ? formatScientific(value, 2) : fixed(value, 2);
}

/** What a mask adds: `0`, `−∞`, `−10,000`, `−3.40e38`. */
export function formatMask(value: number): string {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e6) {
    return formatNumber(value);
  }
  return Number.isInteger(value) ? signed(formatCount(value)) : formatNumber(value);
}

/** `6e−8`, or with decimals `3.40e38`. */
export function formatScientific(value: number, decimals = 0): string {
  return value.toExponential(decimals).replace('e+', 'e').replaceAll('-', minus);
}

/** A whole number with thousands separators, e.g. `263,168`. */
export function formatCount(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** The sides of a tensor, e.g. `2 × 1 × 17`. */
export function formatDims(dims: readonly number[]): string {
  return dims.join(' × ');
}

/** The least decimals that show a number exactly to 4 digits, e.g. `0.1768`, `16`. */
export function formatFactor(value: number): string {
  return signed(String(Number(value.toPrecision(4))));
}

/** A token's label with its invisible characters made visible; letters are never changed. */
export function formatToken(label: string): string {
  const visible = label
    .replaceAll(/\r\n|[\n\r\u2028\u2029]/g, '↵')
    .replaceAll('\t', '⇥')
    // Control characters and marks that turn the direction of text would garble what stands beside them.
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '·');
  return visible.trim() === '' ? '␣'.repeat(Math.max(1, visible.length)) : visible;
}
