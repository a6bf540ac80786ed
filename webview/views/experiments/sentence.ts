// Sentences in which the numbers that a run gave stand out.
import { formatNumber, formatScientific, formatWeight } from '../../format';

/** Plain text, and what is marked as measured. */
export type Sentence = readonly (string | { readonly measured: string })[];

/** Joins texts and measured values: ``say`The entropy is ${bits(2.3)}.` ``. */
export function say(
  texts: TemplateStringsArray,
  ...values: readonly (string | number | { readonly measured: string } | Sentence)[]
): Sentence {
  return texts.flatMap((text, index) => {
    const value = values.at(index);
    if (index >= values.length || value === undefined) {
      return [text];
    }
    if (typeof value === 'string') {
      return [text, value];
    }
    if (typeof value === 'number') {
      return [text, measured(value)];
    }
    return 'measured' in value ? [text, value] : [text, ...value];
  });
}

/** A number as it is written in a finding. */
export function measured(value: number): { readonly measured: string } {
  return { measured: formatMeasured(value) };
}

/** Two decimals, but never fewer than two digits of a small number: `31.40`, `0.042`, `6.1e−7`. */
export function formatMeasured(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || size >= 0.1) {
    return formatNumber(value);
  }
  return size < 0.001 ? formatScientific(value, 1) : String(Number(value.toPrecision(2))).replace('-', '−');
}

export function weight(value: number): { readonly measured: string } {
  return { measured: formatWeight(value) };
}

/** `6 of 15` */
export function share(part: number, all: number): { readonly measured: string } {
  return { measured: `${part} of ${all}` };
}

export function percent(value: number): { readonly measured: string } {
  return { measured: `${formatNumber(100 * value)} %` };
}

/** The sentence without its marks, for copying and for screen readers. */
export function textOf(sentence: Sentence): string {
  return sentence.map((part) => (typeof part === 'string' ? part : part.measured)).join('');
}

/** With Markdown's bold for what was measured. */
export function markdownOf(sentence: Sentence): string {
  return sentence.map((part) => (typeof part === 'string' ? part : `**${part.measured}**`)).join('');
}

/** Whether a number went up, down, or stayed within `tolerance` of its size. */
export function trend(before: number, after: number, tolerance = 0.02): 'rises' | 'falls' | 'stays' {
  const scale = Math.max(Math.abs(before), Math.abs(after), 1e-12);
  if (Math.abs(after - before) <= tolerance * scale) {
    return 'stays';
  }
  return after > before ? 'rises' : 'falls';
}
