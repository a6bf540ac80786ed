// The arithmetic of a cell as plain text for the clipboard: the numbers of the three panes, aligned. Pure.
import type { CellTerms } from '../../src/shared/insight';
import { formatMask, formatNumber, formatWeight } from '../format';
import { insideStrings as strings } from '../strings/insideStrings';
import { exact, signedNumber } from './insideFormat';
import type { SoftmaxRow } from './insideNumbers';
import type { CellStep } from './insideSteps';

export interface ArithmeticText {
  readonly head: string;
  readonly query: string;
  readonly key: string;
  readonly terms: CellTerms | undefined;
  readonly steps: readonly CellStep[];
  readonly row: SoftmaxRow | undefined;
  readonly keyLabels: readonly string[];
}

/** Every product, every step, every key; nothing is left out. */
export function arithmeticText({ head, query, key, terms, steps, row, keyLabels }: ArithmeticText): string {
  const lines = [`${strings.pair(query, key)} · ${head}`, ''];
  if (terms) {
    lines.push(strings.terms(query, key));
    const rows = terms.terms.map(({ dimension, query: q, key: k, product }) => [
      String(dimension),
      formatNumber(q),
      formatNumber(k),
      signedNumber(product),
    ]);
    lines.push(...columns([[strings.dim, strings.q, strings.k, strings.product], ...rows]));
    lines.push(
      `${strings.sum} ${signedNumber(terms.sum)}`,
      `${strings.cosine} ${formatNumber(terms.cosine)}`,
      '',
    );
  }
  const width = steps.reduce((most, { name }) => Math.max(most, name.length), 0);
  lines.push(...steps.map(({ name, text }) => `${name.padEnd(width)}  ${text}`), '');
  if (row) {
    lines.push(strings.softmaxRow(query));
    const cells = row.cells.map(({ scaled, exp, weight, removed }, index) => [
      keyLabels[index] ?? '',
      scaled === undefined ? '' : formatMask(scaled),
      exact(exp),
      removed ? strings.removed : formatWeight(weight),
    ]);
    lines.push(...columns([[strings.key, strings.scaled, strings.exp, strings.weightColumn], ...cells]));
    if (row.shift !== 0) {
      lines.push(strings.shifted(exact(row.shift)));
    }
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** First column left, the others right aligned. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    rows.reduce((most, row) => Math.max(most, row[column].length), 0),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join('  '),
  );
}
