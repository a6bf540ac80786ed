// The values that a setting may have, and reading one from what was typed. Pure.

export interface NumberRange {
  readonly least: number;
  readonly most?: number;
  readonly whole?: boolean;
  /** Above the least, not at it. */
  readonly above?: boolean;
}

/** The number that was typed, or undefined where it is none or lies outside. A decimal comma and a minus sign are understood. */
export function readNumber(text: string, { least, most, whole, above }: NumberRange): number | undefined {
  const plain = text.trim().replace(',', '.').replace('−', '-');
  const value = plain === '' ? NaN : Number(plain);
  const inRange = (above === true ? value > least : value >= least) && (most === undefined || value <= most);
  return Number.isFinite(value) && inRange && (whole !== true || Number.isInteger(value)) ? value : undefined;
}
